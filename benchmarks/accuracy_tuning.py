"""Choosing the rules on public data that no result is shown for: `python -m benchmarks.accuracy_tuning [--quick]`.

Fashion-MNIST's first 3,600 pictures twice: ten classes, pooled to 14 x 14; and tops against the rest with 500 rows,
pooled to 7 x 7, for the size and the two classes of a table. Every way to learn gets twelve candidates, the same splits
and the same epsilons; the best mean accuracy wins and is then written into `accuracy_rules` by hand, once.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from statistics import mean

import numpy as np

from benchmarks import machine, timing
from benchmarks.learners import CertifiedRule, Pull, TravelRule, UsualRule, capped_loss, certified, dp_sgd, engines_loss
from benchmarks.pages import table, write
from benchmarks.public_data import FASHION, Dataset, Split, pictures, split

EPSILONS, SEEDS = (1.0, 3.0, 8.0), (100, 101)
TOPS, FEW = (0, 2, 3, 4, 6), 500
OURS, CAPPED, OPACUS, USUAL = "certified", "certified, capped loss", "DP-SGD, our rule", "DP-SGD, usual settings"
Learner = Callable[[Split, float, int], float]
CERTIFIED_GRID = [
    CertifiedRule(kappa=kappa, relaxations=relaxations)
    for kappa, relaxations in product((0.5, 1.0, 2.0, 4.0), (0.25, 0.5, 1.0))
]
DP_SGD_GRID = [
    TravelRule(kappa=kappa, rate=rate, steps=steps, clip=clip)
    for kappa, (rate, steps, clip) in product(
        (0.5, 1.0, 2.0, 4.0), ((1.0, 100, 0.5), (1.0, 100, 1.0), (0.125, 400, 0.5))
    )
]
USUAL_GRID = [
    UsualRule(learning_rate=rate, clip=clip) for rate, clip in product((1.0, 4.0, 16.0, 64.0), (0.1, 0.5, 1.0))
]


def candidates() -> dict[str, Mapping[str, Learner]]:
    """For each way to learn, its candidates by name."""
    return {
        OURS: {str(rule): _certified(rule, engines_loss) for rule in CERTIFIED_GRID},
        CAPPED: {str(rule): _certified(rule, capped_loss) for rule in CERTIFIED_GRID},
        OPACUS: {str(rule): _dp_sgd(rule) for rule in DP_SGD_GRID},
        USUAL: {str(rule): _dp_sgd(rule) for rule in USUAL_GRID},
    }


def _certified(rule: CertifiedRule, pull: Callable[[int], Pull]) -> Learner:
    return lambda data, epsilon, _seed: certified(data, epsilon=epsilon, rule=rule, pull=pull(data.classes))


def _dp_sgd(rule: TravelRule | UsualRule) -> Learner:
    return lambda data, epsilon, seed: dp_sgd(data, epsilon=epsilon, rule=rule, seed=seed)


def tasks(*, quick: bool) -> list[tuple[int, Split]]:
    """Splits to learn from, with the seed of each."""
    ten, coarse = pictures(FASHION, pooled=4 if quick else 2), pictures(FASHION, pooled=4)
    two = Dataset(coarse.rows, np.isin(coarse.labels, TOPS).astype(np.int64), 2)
    found: list[tuple[int, Split]] = []
    for seed in SEEDS[: 1 if quick else None]:
        many = split(two, seed=seed)
        few = Split(many.rows[:FEW], many.labels[:FEW], many.unseen_rows, many.unseen_labels, 2)
        found += [(seed, split(ten, seed=seed)), (seed, few)]
    return found


def scored(learner: Learner, splits: Sequence[tuple[int, Split]]) -> list[float]:
    """Mean accuracy in % at each epsilon, both tasks counting alike."""
    return [100 * mean(learner(data, epsilon, seed) for seed, data in splits) for epsilon in EPSILONS]


def best_of(lines: Sequence[tuple[str, str, list[float]]], way: str) -> list[str]:
    """The winner of a way, or for the usual settings the winner of each epsilon."""
    own = [line for line in lines if line[0] == way]
    if way != USUAL:
        return [max(own, key=lambda line: mean(line[2]))[1]]
    return [max(own, key=lambda line: line[2][place])[1] for place in range(len(EPSILONS))]


def page(lines: list[tuple[str, str, list[float]]], *, before: str) -> str:
    chosen = [[way, "; ".join(best_of(lines, way))] for way in candidates()]
    head = ["way to learn", "candidate", *(f"epsilon {epsilon:g}" for epsilon in EPSILONS), "mean"]
    cells = [[way, name, *(f"{one:.1f}" for one in shares), f"{mean(shares):.2f}"] for way, name, shares in lines]
    return f"""# How the rules for the comparison of accuracies were chosen

`python -m benchmarks.accuracy_tuning`: the first 3,600 training pictures of Fashion-MNIST, as ten classes pooled to
14 x 14 and as tops against the rest ({FEW} rows, 7 x 7); a fifth held out, splits {SEEDS}, delta n^-1.1. Twelve
candidates for each way to learn; accuracy in %, the mean of both tasks. No data set of the comparison was used. (Before
this grid, single runs on Fashion-MNIST had shown where to put it, for all ways alike, and a few on digits had shown
that a capped loss is worth looking at. The noise of the certified runs has no seed, so near ties may fall otherwise.)

{machine.described(load_before=before)} {machine.versions("torch", "opacus", "scikit-learn")}.

{table(["way to learn", "best here, frozen in accuracy_rules"], chosen)}

"Usual settings": a learning rate and a clipping norm, Poisson batches of 256, 20 epochs, as Opacus's tutorials do it,
the best of the grid for each epsilon. "Our rule": DP-SGD made to travel as far as its noise allows, like the certified
ways, with full or Poisson batches.

{table(head, cells)}
"""


def main() -> None:
    before, quick = machine.load(), "--quick" in sys.argv[1:]
    timing.one_thread()
    splits = tasks(quick=quick)
    lines: list[tuple[str, str, list[float]]] = []
    for way, learners in candidates().items():
        for name, learner in list(learners.items())[: 2 if quick else None]:
            lines.append((way, name, scored(learner, splits)))
            print(way, name, *(f"{one:.1f}" for one in lines[-1][2]), f"{mean(lines[-1][2]):.2f}", flush=True)
    text = page(lines, before=before)
    print(text) if quick else write("accuracy-tuning.md", text)


if __name__ == "__main__":
    main()
