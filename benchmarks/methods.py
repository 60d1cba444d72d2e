"""The table of methods: what passes the old checks, and what the attack and the probes find. Run from the root:

    OBELUS_DATA=... python -m benchmarks.methods [--seeds 3] [--only digits]

writes benchmarks/results/methods.md. About half an hour on one core. Files that are not here leave their task out,
and the page says so.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from benchmarks.forgetting import Study, studies
from benchmarks.machine import described, load, versions
from benchmarks.pages import table, write
from benchmarks.public_data import DataNotHereError
from benchmarks.timing import one_thread

HEAD = (
    "method",
    "forgotten rows right",
    "test rows right",
    "membership, loss AUC",
    "X at 0 / .05 / .1 / .15",
    "Y at .05 / .1",
    "X relearning",
    "X probes",
    "old checks: accuracy, membership",
    "verdict: attack alone",
    "verdict: all batteries",
    "cost",
)
SHORT = {"passed": "P", "failed_residual": "R", "failed_over_forgotten": "O", "inconclusive": "?"}
INTRO = """# Eight methods of unlearning, the old checks, and the attack

Each method with its default options (`classifier-sweep.md`) on one network per seed, {seeds} seeds, beside
{references} retrained references per seed. "none" is the original left as it is; "retrained" is one more retrained
model, judged by references that it is none of. X: how many more of the forgotten records the attack gets back than
from retrained models; Y: what is left of it when never-seen rows are counted off (for a whole class that is X, by
definition). "X relearning" and "X probes": the largest excess among these. Old checks: clean accuracies near
retraining's (forgotten rows within 5 points, test rows within 2), and the usual membership test (a threshold on the
loss, within 5 points); y passed, n failed, one letter per seed. Verdicts, one letter per seed: R failed residual, O
failed over-forgotten, P passed, ? inconclusive. Cost: CPU time in trainings of one reference. Means over seeds, with
the smallest and largest where they differ by a point or more. Attack: l-infinity, 20 steps, 2 restarts, margin 10 %,
level 5 %; no method was chosen or tuned by the attack.

{machine}
{versions}

"""


def main() -> None:
    given = arguments()
    one_thread()
    before, parts = load(), []
    for study in studies():
        if given.only in study.name:
            parts.append(section(study, given.seeds))
    from benchmarks.method_trials import POLICY

    head = INTRO.format(
        seeds=given.seeds,
        references=POLICY["references"],
        machine=described(load_before=before),
        versions=versions("torch", "numpy", "scikit-learn"),
    )
    write("methods.md", head + "\n\n".join(parts) + "\n")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", default="", help="only the studies whose name contains this")
    return parser.parse_args()


def section(study: Study, seeds: int) -> str:
    from benchmarks.method_trials import Row, prepared, tried
    from unlearning.classifiers.forgetting import METHODS

    rows: dict[str, list[Row]] = {name: [] for name in ("none", "retrained", *METHODS)}
    for seed in range(seeds):
        try:
            bench = prepared(study, seed)
        except DataNotHereError as missing:
            return f"## {study.name}\n\nNot run: {missing}."
        for name, found in rows.items():
            found.append(tried(bench, study, name, seed))
            print(f"{study.name}, seed {seed}, {name}: {found[-1].all_batteries}", flush=True)
    return f"## {study.name}\n\n" + table(HEAD, [line(name, found) for name, found in rows.items()])


def line(name: str, found: Sequence[object]) -> list[str]:
    from benchmarks.method_trials import Row

    rows = [row for row in found if isinstance(row, Row)]
    return [
        name.replace("_", " "),
        shown([row.forget for row in rows]),
        shown([row.test for row in rows]),
        shown([row.membership for row in rows]),
        " / ".join(shown([row.x[budget] for row in rows], signed=True) for budget in rows[0].x),
        " / ".join(shown([row.y[budget] for row in rows], signed=True) for budget in (0.05, 0.1)),
        shown([row.relearning for row in rows], signed=True),
        shown([row.probe for row in rows], signed=True),
        letters([row.accuracy_check for row in rows]) + ", " + letters([row.membership_check for row in rows]),
        " ".join(SHORT[row.attack_alone] for row in rows),
        " ".join(SHORT[row.all_batteries] for row in rows),
        shown([row.cost for row in rows]),
    ]


def letters(passed: Sequence[bool]) -> str:
    return "".join("y" if one else "n" for one in passed)


def shown(values: Sequence[float], *, signed: bool = False) -> str:
    """The mean, with the extremes where they differ by a point or more."""
    sign = "+" if signed else ""
    mean = f"{sum(values) / len(values):{sign}.2f}"
    if max(values) - min(values) < 0.01:
        return mean
    return f"{mean} ({min(values):{sign}.2f} to {max(values):{sign}.2f})"


if __name__ == "__main__":
    main()
