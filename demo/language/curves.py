"""Charts of what was recorded: one run of a method step by step, and ten requests round by round. Pure."""

from collections.abc import Mapping, Sequence

from demo.language.charts import Chart, Divide, Level, Series
from demo.language.rounds import RETAIN_STEPS, Round

Curve = Sequence[Mapping[str, float]]
NOTE = "The same method on the engine itself, beside the house, which keeps no such curve on erased rows."


def run_charts(curve: Curve, *, method: str, ended_at: float) -> list[Chart]:
    """One run step by step, and on through the retain-only steps: probabilities, then how the erased are told."""
    divide = Divide(f"the method ends; {RETAIN_STEPS} retain-only steps", ended_at)

    def line(words: str, tone: str, mark: str, name: str) -> Series:
        return Series(words, tone, mark, [(point["step"], point[name]) for point in curve])

    probabilities = [
        line("erased answers", "forgotten", "circle", "erased"),
        line("never-seen answers", "strangers", "diamond", "strangers"),
        line("kept answers", "kept", "square", "kept"),
    ]
    told = [
        line("erased told from never-seen (area)", "forgotten", "circle", "area"),
        line("share of erased answers of which half follows", "plain", "triangle", "extracted"),
    ]
    return [
        Chart(f"{method}: probability", "step", "probability", probabilities, (), divide, True, NOTE),
        Chart(f"{method}: what gives it away", "step", "share", told, [Level("tells nothing", 0.5)], divide),
    ]


def rounds_chart(rounds: Sequence[Round]) -> Chart:
    """The mean probability of everybody's erased answers when each round was over, and of the kept ones."""
    ends = [(one.number, one.last) for one in rounds]
    tried = [(one.number, one.attempts[0]) for one in rounds]

    def mean(values: Sequence[float]) -> float:
        return sum(values) / len(values)

    series = [
        Series(
            f"erased answers after the method and {RETAIN_STEPS} retain-only steps",
            "forgotten",
            "circle",
            [(number, mean([r.after_steps.probability for r in attempt.retests])) for number, attempt in tried],
        ),
        Series(
            "the same when the round was over",
            "retrained",
            "ring",
            [(number, mean([r.after_steps.probability for r in attempt.retests])) for number, attempt in ends],
        ),
        Series("kept answers", "kept", "square", [(number, attempt.kept) for number, attempt in ends]),
    ]
    return Chart("Everybody who asked, round by round", "round", "probability", series, logarithmic=True)


def rounds_area_chart(rounds: Sequence[Round]) -> Chart:
    """How well the erased of each round are told from never-seen texts: the worst of them, as is and after steps."""
    firsts = [(one.number, one.attempts[0]) for one in rounds]
    series = [
        Series(
            "worst request, as the model is",
            "strangers",
            "diamond",
            [(number, max(r.at_rest.area for r in attempt.retests)) for number, attempt in firsts],
        ),
        Series(
            f"worst request, after {RETAIN_STEPS} retain-only steps",
            "forgotten",
            "circle",
            [(number, max(r.after_steps.area for r in attempt.retests)) for number, attempt in firsts],
        ),
        Series(
            "worst request when the round was over, after those steps",
            "retrained",
            "ring",
            [(one.number, max(r.after_steps.area for r in one.last.retests)) for one in rounds],
        ),
    ]
    return Chart(
        "Told from never-seen texts (area under the curve)", "round", "area", series, [Level("tells nothing", 0.5)]
    )
