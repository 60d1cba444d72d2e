"""What the demo says of what came out. No outcome is expected: every sentence follows from what was read. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from demo.language.ladder import Battery, Step
from demo.language.rounds import LEVEL, RETAIN_STEPS, Round, at_the_end, followed, overdone, resurrected

A_FIFTH = 0.2
METHODS = {
    "npo": "NPO (negative preference optimisation)",
    "rmu": "RMU (representations steered away)",
    "simnpo": "SimNPO (preference without a reference)",
    "grad_diff": "gradient difference",
    "gradient_ascent": "gradient ascent",
    "retrain": "retraining without the author",
}
OUTCOMES = {
    "passed": ("passed", "good"),
    "failed": ("failed", "bad"),
    "inconclusive": ("inconclusive", "unsure"),
}
KINDS = {
    "residual": "it still gives away more than retrained models do",
    "over_forgotten": "it is damaged, or further from the erased texts than any retrained model",
    "witness": "the witness of noise and steps accused it",
}
TOY = (
    "Paraphrase: a model trained from nothing on a few hundred texts hardly generalises; asked in other words it says "
    "little even before the erasure, so finding nothing there means nothing.",
    "Jailbreak: this model was never taught to refuse, so there is no refusal to talk it out of.",
    "int4: rounding gives back what unlearning hid in the small changes of large pre-trained weights; the weights of a "
    "model this small move too far for that, so the code path runs and the danger is not shown.",
    "One small architecture, one author, few texts: an attack that finds nothing here may find something elsewhere.",
)


def method_words(name: str) -> str:
    return METHODS.get(name, name)


def outcome_words(verdict: Mapping[str, Any]) -> str:
    """The verdict in one sentence, as its body says it."""
    outcome = str(verdict["outcome"])
    if outcome == "failed":
        kind = str(verdict.get("kind", ""))
        return f"failed: {KINDS.get(kind, kind.replace('_', ' '))}"
    if outcome == "passed":
        return "passed: no recovery was found beyond the margin by this battery at this strength"
    return "inconclusive: nothing was shown either way"


def standing_out(batteries: Sequence[Battery]) -> list[str]:
    """Where the candidate gives more than any control, by a fifth or more: for a reader; the verdict counts better."""
    told = [
        f"{battery.words}, at {step.budget}: {step.candidate.share:.0%}, and of its controls at most {most:.0%}."
        for battery in batteries
        for step in battery.steps
        if step.candidate is not None and step.candidate.share - (most := most_of_controls(step)) >= A_FIFTH
    ]
    return told or ["No attack got a fifth more out of it than out of its controls."] if batteries else []


def most_of_controls(step: Step) -> float:
    retrained = step.retrained[1] if step.retrained is not None else 0.0
    return max(retrained, step.never_seen.share if step.never_seen is not None else 0.0)


def gate_words(*, status: str, route: str, outcome: str) -> str:
    """What the gate made of it."""
    if status != "gate":
        return "The gate stays shut: on this rung only a verdict that passed opens it. The plan climbs."
    if route == "retrain":
        because = "" if outcome == "passed" else "; the verdict did not fail, and more is not asked of this rung"
        return f"The gate is open: the snapshot provably holds none of the author's rows{because}."
    return "The gate is open: the attack passed it."


def reasons_of(verdict: Mapping[str, Any]) -> list[str]:
    """The reasons that may be read by all, and the power in words, each once."""
    power = [str(verdict["power"]["words"])] if "power" in verdict else []
    return list(dict.fromkeys([*map(str, verdict.get("reasons", ())), *power]))


def certificate_words(body: Mapping[str, Any], *, voided: bool, toy: bool = True) -> list[tuple[str, str]]:
    """Rung, method, battery with its strength, assumptions, limits, and what a toy cannot show."""
    lines = [("rung", str(body["rung"])), ("in force", "no: voided, its candidate was discarded" if voided else "yes")]
    if "method" in body:
        lines.append(("method", method_words(str(body["method"]))))
    lines += [(f"battery, {name}", text) for name, text in spelled(body.get("battery", {}))]
    lines += [("assumes", text) for text in body.get("assumptions", ())]
    lines += [("limit", text) for text in body.get("limits", ())]
    return [*lines, *([("this toy cannot show", text) for text in TOY] if toy else [])]


def spelled(battery: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Each part of a battery with its strength; the parts of a group stand one by one."""
    found = []
    for name, value in battery.items():
        parts = value if isinstance(value, Mapping) else {name: value}
        found += [(part.replace("_", " "), listed(inner)) for part, inner in parts.items()]
    return found


def listed(value: object) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{name.replace('_', ' ')} {listed(inner)}" for name, inner in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(listed(item) for item in value) or "none"
    return str(value)


def in_the_end(tried: Sequence[tuple[str, str, bool]]) -> str:
    """(method, outcome, released) of each rung that was tried, in one sentence."""
    told = [f"{method_words(method)}: {outcome}" for method, outcome, _ in tried]
    released = [method_words(method) for method, _, out in tried if out]
    ending = f"What went out came of {released[-1]}." if released else "Nothing was released."
    return f"{'; '.join(told)}. {ending}"


def rounds_words(rounds: Sequence[Round]) -> list[str]:
    """What ten requests in sequence came to."""
    back = resurrected(rounds)
    retrained = sum(any(attempt.way == "retrained" for attempt in one.attempts) for one in rounds)
    again = sum(any(attempt.way == "again" for attempt in one.attempts) for one in rounds)
    told = [
        f"{len(rounds)} requests. After every attempt all earlier ones are asked again, as the model is and after "
        f"{RETAIN_STEPS} steps on the kept texts alone; each test accuses by chance once in {1 / LEVEL:.0f}."
    ]
    if back:
        cases = ", ".join(f"request {request} in round {number}" for number, request in back)
        told.append(f"Resurrected, after having been clean: {cases}.")
    else:
        told.append("Nobody who had been clean came back in these rounds.")
    at_rest, later, asked = followed(rounds)
    told.append(
        f"Extraction, beside membership: of {asked} times that an erased text was asked for, half of it followed "
        f"{at_rest} times, after the retain-only steps {later} times."
    )
    if far := overdone(rounds):
        cases = ", ".join(f"request {request} in round {number}" for number, request in far)
        told.append(f"Pushed further away than never-seen texts, which is a trace too, and left so: {cases}.")
    told.append(f"Repairs: unlearned again in {again} rounds, retrained in {retrained}.")
    left = at_the_end(rounds)
    told.append(
        f"Still found at the end: {', '.join(map(str, left))}." if left else "At the end none of them is found."
    )
    return told


def way_words(way: str) -> str:
    """How an attempt went about it: the method's name, or what came after it."""
    return {"again": "unlearned again", "retrained": "retrained"}.get(way, way.upper())
