"""The network attack beside foolbox's PGD, time and success in one run: `python -m benchmarks.attack_speed [--quick]`.

Six budgets, five restarts, twenty steps each, on the same models, rows and labels.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks import machine, timing
from benchmarks.attack_models import BOX, LADDERS, World, other_labels, world
from benchmarks.pages import table, write

STEPS, RESTARTS, REPEATS = 20, 5, 3
# Of a budget, even strides: where foolbox's success has settled (with shorter ones in l2 it loses up to four points).
STRIDES = {"linf": 0.125, "l2": 0.25}
Bits = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Question:
    """Rows, what they are aimed at, and the model that is asked."""

    name: str
    model: Any
    x: Any
    aims: Any
    norm: str


@dataclass(frozen=True)
class Answer:
    """CPU seconds of each turn by contestant, and success bits (budgets, rows): ours, ours made plain, foolbox's."""

    question: Question
    times: dict[str, list[float]]
    ours: Bits
    plain: Bits
    theirs: Bits
    gradients: int


def questions(made: World) -> list[Question]:
    """Own labels, as a verification asks, and other labels, which few rows yield to; two models, two norms."""
    rows, found = made.rows, []
    for norm in LADDERS:
        for name, model in (("fine-tuned", made.finetuned), ("retrained", made.retrained[0])):
            found.append(Question(f"{name}, own labels", model, rows.x, rows.y, norm))
        found.append(Question("retrained, other labels", made.retrained[0], rows.x, other_labels(rows), norm))
    return found


def ours(asked: Question, **other: Any) -> tuple[Bits, int]:
    """The attack as verify.network runs it, at these restarts."""
    from unlearning.verification.pgd import climb

    how = {"steps": STEPS, "restarts": RESTARTS, "seed": 0, **BOX, **other}
    found = climb(asked.model, asked.x, asked.aims, budgets=LADDERS[asked.norm], norm=asked.norm, **how)
    return np.array([found.least <= budget for budget in LADDERS[asked.norm]]), found.gradients


def plain(asked: Question) -> Bits:
    """Ours with foolbox's loss and strides."""
    from unlearning.verification.ascent import Pace

    pace = Pace(reach=STRIDES[asked.norm] * STEPS, slowing=0.0, momentum=0.0)
    return ours(asked, loss="cross_entropy", pace=pace)[0]


def foolbox_pgd(asked: Question) -> Bits:
    """One call of the library for the whole ladder, as its manual shows."""
    import foolbox

    fell = _foolbox(asked)(_wrapped(asked), asked.x, foolbox.criteria.TargetedMisclassification(asked.aims),
                           epsilons=LADDERS[asked.norm])[2]  # fmt: skip
    return np.maximum.accumulate(fell.numpy(), axis=0)


def foolbox_thrifty(asked: Question) -> Bits:
    """What a clever caller gets out of it: budget by budget, restart by restart, only rows that stand."""
    import foolbox
    import torch

    attack, wrapped, bits = _foolbox(asked, restarts=1), _wrapped(asked), []
    fell = asked.model(asked.x).argmax(dim=1) == asked.aims
    for budget in LADDERS[asked.norm]:
        for _ in range(RESTARTS):
            rows = (~fell).nonzero().squeeze(1)
            if len(rows):
                aims = foolbox.criteria.TargetedMisclassification(asked.aims[rows])
                fell[rows] |= torch.as_tensor(attack(wrapped, asked.x[rows], aims, epsilons=budget)[2])
        bits.append(fell.numpy().copy())
    return np.array(bits)


def _foolbox(asked: Question, *, restarts: int = RESTARTS) -> Any:
    import foolbox

    kind = {"linf": foolbox.attacks.LinfPGD, "l2": foolbox.attacks.L2PGD}[asked.norm]
    return kind(rel_stepsize=STRIDES[asked.norm], steps=STEPS, random_start=True).repeat(restarts)


def _wrapped(asked: Question) -> Any:
    import foolbox

    return foolbox.PyTorchModel(asked.model, bounds=(0, 1))


def answer(asked: Question, *, repeats: int) -> Answer:
    """Time all three in turn; the success tables come from one further run each."""
    import torch

    torch.manual_seed(0)
    contestants: dict[str, Callable[[], object]] = {
        "ours": lambda: ours(asked),
        "foolbox": lambda: foolbox_pgd(asked),
        "thrifty": lambda: foolbox_thrifty(asked),
    }
    times = timing.interleaved(contestants, repeats=repeats)
    bits, gradients = ours(asked)
    found = Answer(asked, times, bits, plain(asked), foolbox_pgd(asked), gradients)
    print(f"{asked.norm} {asked.name}: {timing.ratio_shown(times['foolbox'], times['ours'])}", flush=True)
    return found


def total(answers: list[Answer], name: str) -> list[float]:
    """Seconds of each turn, all questions together."""
    return [sum(turn) for turn in zip(*(found.times[name] for found in answers), strict=True)]


def time_table(answers: list[Answer]) -> str:
    lines = []
    for found in answers:
        times, rows = found.times, len(found.question.x)
        per_row = len(LADDERS[found.question.norm]) * RESTARTS * STEPS * rows
        lines.append(
            [
                *(
                    found.question.norm,
                    found.question.name,
                    timing.shown(times["ours"]),
                    timing.shown(times["foolbox"]),
                ),
                timing.ratio_shown(times["foolbox"], times["ours"]),
                timing.ratio_shown(times["thrifty"], times["ours"]),
                f"{per_row / found.gradients:.1f}",
            ]
        )
    names = ["norm", "asked", "ours, CPU ms", "foolbox, CPU ms", "foolbox / ours", "thrifty caller / ours"]
    return table([*names, "gradients saved"], lines)


def success_table(answers: list[Answer]) -> str:
    lines = []
    for found in answers:
        for name, bits in (("ours", found.ours), ("ours, plain", found.plain), ("foolbox", found.theirs)):
            rates = [f"{rate:.3f}" for rate in bits.mean(axis=1)]
            lines.append([found.question.norm, found.question.name, name, *rates])
        only = [(found.ours & ~found.theirs).sum(axis=1), (found.theirs & ~found.ours).sum(axis=1)]
        each = [f"{one} / {other}" for one, other in zip(*only, strict=True)]
        lines.append([found.question.norm, found.question.name, "rows only ours / only foolbox found", *each])
    return table(["norm", "asked", "", *[f"rung {rung}" for rung in range(1, 7)]], lines)


def page(answers: list[Answer], *, repeats: int, before: str) -> str:
    ours_all, theirs_all = total(answers, "ours"), total(answers, "foolbox")
    lost = max(float((found.theirs.mean(axis=1) - found.ours.mean(axis=1)).max()) for found in answers)
    won = max(float((found.ours.mean(axis=1) - found.theirs.mean(axis=1)).max()) for found in answers)
    apart = max(float(np.abs(found.plain.mean(axis=1) - found.theirs.mean(axis=1)).max()) for found in answers)
    ladders = "; ".join(f"{norm}: {', '.join(map(str, ladder))}" for norm, ladder in LADDERS.items())
    return f"""# The network attack beside foolbox

`python -m benchmarks.attack_speed`: targeted PGD with {STEPS} steps and {RESTARTS} restarts at six budgets
({ladders}; pixels in [0, 1]),
on the digits records task: a convolutional network fine-tuned to forget 120 records and one retrained without them,
{len(answers[0].question.x)} rows. Same process, one thread, contestants in turn; medians of {repeats} turns,
extremes in brackets. Foolbox's strides are even, {STRIDES["linf"]} of a budget in l-infinity and {STRIDES["l2"]} in l2.

{machine.described(load_before=before)} {machine.versions("torch", "foolbox", "numpy")}.

**All together: foolbox takes {timing.ratio_shown(theirs_all, ours_all)} times as long. With foolbox's loss and
strides success differs by at most {100 * apart:.1f} points at any rung; as verify.network runs it, ours loses at most
{100 * max(lost, 0.0):.1f} points and gains up to {100 * won:.1f}.**

{time_table(answers)}

- "Thrifty caller": foolbox called budget by budget and restart by restart on the rows that still stand, which its own
  `repeat` and `epsilons` do not do.
- "Gradients saved": {6 * RESTARTS * STEPS} per row in one call of foolbox, over what ours took. A row that gives the
  label unchanged takes none; one that falls stops there; restarts start just below the rung where a row fell, and at
  the largest budget for a row that never fell, because the smaller balls lie inside the larger one.
- Gradients go to the query alone; the library's also go to all weights.

## Success

{success_table(answers)}

Ours starts the first climb of a budget where the last one ended, looks at every step's query and not only at the last,
and follows the margin with momentum; "plain" follows cross-entropy with even strides, as foolbox does.
"""


def main() -> None:
    quick, before = "--quick" in sys.argv[1:], machine.load()
    timing.one_thread()
    repeats = 1 if quick else REPEATS
    answers = [answer(asked, repeats=repeats) for asked in questions(world())]
    text = page(answers, repeats=repeats, before=before)
    print(text) if quick else write("attack-speed.md", text)


if __name__ == "__main__":
    main()
