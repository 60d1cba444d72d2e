"""Accuracy at epsilon 1, 3 and 8 beside plain training and Opacus: `python -m benchmarks.accuracy [--quick]`.

MNIST's 10,000 test pictures are read where OBELUS_DATA names the folder that holds them; else their lines say NOT RUN.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks import machine, timing
from benchmarks.accuracy_rules import CERTIFIED, CERTIFIED_CAPPED, CLIPPED, DP_SGD, DP_SGD_USUAL
from benchmarks.learners import (
    CertifiedRule,
    Pull,
    capped_loss,
    certified,
    clipped,
    constants_by_rule,
    delta_of,
    dp_sgd,
    engines_loss,
    plain,
    steps_to_halve,
)
from benchmarks.pages import mean_and_interval, table, write
from benchmarks.public_data import TESTED, DataNotHereError, Dataset, Split, split

EPSILONS, SEEDS, DRAWS, MANY_ROWS = (1.0, 3.0, 8.0), (0, 1, 2), 3, 5000
OURS, CAPPED, OPACUS, USUAL = "certified", "certified, capped loss", "DP-SGD, our rule", "DP-SGD, usual settings"
DIAGNOSIS = "certified steps, clipped (no certificate)"
LEADS = ((OURS, USUAL), (OURS, OPACUS), (CAPPED, USUAL), (CAPPED, OPACUS), (DIAGNOSIS, OPACUS))
Way = Callable[[Split, float, int], float]


def _steps(rule: CertifiedRule, pull: Callable[[int], Pull]) -> Way:
    return lambda data, epsilon, _seed: certified(data, epsilon=epsilon, rule=rule, pull=pull(data.classes))


WAYS: dict[str, Way] = {
    OURS: _steps(CERTIFIED, engines_loss),
    CAPPED: _steps(CERTIFIED_CAPPED, capped_loss),
    OPACUS: lambda data, epsilon, seed: dp_sgd(data, epsilon=epsilon, rule=DP_SGD, seed=seed),
    USUAL: lambda data, epsilon, seed: dp_sgd(data, epsilon=epsilon, rule=DP_SGD_USUAL[epsilon], seed=seed),
    DIAGNOSIS: _steps(CLIPPED, clipped),
}


@dataclass(frozen=True)
class Point:
    """One data set at one epsilon: for each way the accuracy of each seed, in %."""

    name: str
    n: int
    classes: int
    epsilon: float
    plain: list[float]
    shares: dict[str, list[float]]

    def lead(self, way: str, other: str) -> list[float]:
        """How far one way is before another, split by split: both saw the same rows."""
        return [one - two for one, two in zip(self.shares[way], self.shares[other], strict=True)]

    def cells(self) -> list[str]:
        return [self.name, str(self.n), f"{self.epsilon:g}", *map(spread, [self.plain, *self.shares.values()])]

    def leads(self) -> list[str]:
        return [self.name, f"{self.epsilon:g}", *(spread(self.lead(*pair), sign="+") for pair in LEADS)]

    def numbers(self) -> list[str]:
        """What the rules made of this size: steps, batches, and steps to delete."""
        cells = [self.name, f"{self.epsilon:g}"]
        for rule, pull in ((CERTIFIED, engines_loss(self.classes)), (CERTIFIED_CAPPED, capped_loss(self.classes))):
            found, _ = constants_by_rule(rule, n=self.n, pull=pull, epsilon=self.epsilon)
            halving = steps_to_halve(found, pull=pull, epsilon=self.epsilon)
            cells += [f"{found.lam:.1e}", f"{found.steps} in {found.batches}", f"{halving / found.steps:.2f}"]
        return cells


def spread(values: list[float], *, sign: str = "") -> str:
    """Mean and 95 % interval over the seeds."""
    mean, half = mean_and_interval(values)
    return f"{mean:{sign}.1f} ± {half:.1f}"


def points_of(name: str, data: Dataset, *, draws: int) -> list[Point]:
    """All epsilons on one data set; each split is used by all ways."""
    splits = {seed: split(data, seed=seed) for seed in SEEDS}
    n, unprotected = len(splits[SEEDS[0]].labels), [100 * plain(part) for part in splits.values()]
    points = []
    for epsilon in EPSILONS:
        shares = {
            way: [100 * averaged(learner, part, epsilon, seed, draws=draws) for seed, part in splits.items()]
            for way, learner in WAYS.items()
        }
        points.append(Point(name, n, data.classes, epsilon, unprotected, shares))
        print(" | ".join(points[-1].cells()), flush=True)
    return points


def averaged(learner: Way, data: Split, epsilon: float, seed: int, *, draws: int) -> float:
    """Mean accuracy over several draws of the noise on one split."""
    return sum(learner(data, epsilon, 1000 * seed + draw) for draw in range(draws)) / draws


def verdict(points: list[Point], way: str, other: str) -> str:
    """At how many points one way is ahead of another, and where it is not."""
    behind = [point for point in points if mean_and_interval(point.lead(way, other))[0] <= 0.0]
    named = ", ".join(
        f"{point.name} at {point.epsilon:g} ({spread(point.lead(way, other), sign='+')})" for point in behind
    )
    ahead = f"- {way} before {other}: ahead at {len(points) - len(behind)} of {len(points)} points"
    return f"{ahead}{'; not on ' + named if behind else ''}."


HEAD = ["data", "n", "epsilon", "plain", *WAYS]
LEADS_HEAD = ["data", "epsilon", *(f"{way} - {other}" for way, other in LEADS)]
NUMBERS_HEAD = [
    "data",
    "epsilon",
    *(f"{name}{more}" for more in ("", ", capped") for name in ("lambda", "steps in batches", "to halve")),
]


def page(points: list[Point], absent: list[str], *, before: str) -> str:
    missing = "".join(f"\n\nNOT RUN: {line}." for line in absent)
    verdicts = "\n".join(verdict(points, way, other) for way, other in LEADS)
    return f"""# Accuracy at a given epsilon

`python -m benchmarks.accuracy` (with OBELUS_DATA for MNIST's test pictures): accuracy in % on a fifth held out, three
seeds for the split and {DRAWS} draws of the noise on each (one above {MANY_ROWS} rows); mean and 95 % interval over the
splits (Student's t, wide with three). delta = n^-1.1; at n = 8000 that is {delta_of(8000):.1e}. Present against absent
for all. The certified noise comes from the operating system and has no seed. All private ways see the same rows, scaled
by public constants and shrunk to length 1. "Plain" is scikit-learn's LogisticRegression at its defaults on the scaled
rows.

{machine.described(load_before=before)} {machine.versions("torch", "opacus", "scikit-learn")}.

{table(HEAD, [point.cells() for point in points])}{missing}

## Who is ahead, split by split

{table(LEADS_HEAD, [point.leads() for point in points])}

{verdicts}

An interval that holds zero is no lead either way.

{RULES}

## What the rules made of each size

`to halve`: steps after a deletion until A, one row's epsilon for later releases, is half of what it was, over the steps
of learning: above 1, retraining is shorter. Rules for accuracy alone make lambda small, and then models forget slowly.

{table(NUMBERS_HEAD, [point.numbers() for point in points])}
"""


RULES = f"""The rules, the same on every set, were chosen among twelve candidates each on other public data
(accuracy-tuning.md):

- certified: {CERTIFIED}. Capped: {CERTIFIED_CAPPED}. DP-SGD, our rule: {DP_SGD}.
- DP-SGD, usual settings: {"; ".join(f"epsilon {epsilon:g}: {rule}" for epsilon, rule in DP_SGD_USUAL.items())}.
- Why the certified ways fall behind: their noise is for L, the hardest that any row could ever pull. That is |x|
  (binary) and sqrt(2) |x| (softmax), though at the start every row pulls half and two thirds of it. DP-SGD clips to
  what rows really do, so its noise fits. The last column shows that this is the cause: the same certified steps with
  DP-SGD's clipping and its kappa, untuned, come to within half a point of it everywhere. But clipped softmax gradients
  are no gradient field, so no deletion can be certified with them; and DP-SGD itself offers no deletion but retraining.
- "Capped loss" is the engine's `loss="capped"`, which goes on as a straight line where the true class has less than
  half of the probability (decision 0019): convex, equally smooth, L half as large. With two classes the
  clipping is the same, and what is left lies within the intervals; with ten, rows at the start still pull three
  quarters of L only: a loss whose L is the pull at the start should close the rest, and we have none yet."""


def main() -> None:
    before, quick = machine.load(), "--quick" in sys.argv[1:]
    timing.one_thread()
    points: list[Point] = []
    absent: list[str] = []
    for name, load in list(TESTED.items())[: 1 if quick else None]:
        try:
            data = load()
        except DataNotHereError as error:
            absent.append(f"{name}: {error}")
            continue
        points += points_of(name, data, draws=1 if quick or len(data.labels) > MANY_ROWS else DRAWS)
    text = page(points, absent, before=before)
    print(text) if quick else write("accuracy.md", text)


if __name__ == "__main__":
    main()
