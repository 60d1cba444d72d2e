"""Deletion beside retraining, both really run: `python -m benchmarks.plan_routes` (two minutes).

The engines run in this process on scikit-learn's breast-cancer data, in turn, so that both meet the same caches and
the same neighbours on the machine. Row gradients are what the engines report (steps times rows); CPU time is this
process's own, from reading the rows to the weights on the disk. Every deletion is priced afterwards from its ledger.
"""

import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.routes import BATCH, DELTA, HELD_OUT, Bench, Ran
from unlearning.accounting import Ledger, PlanChoice, PlanInputs, PriceList, choose, price

RESULTS = Path(__file__).parent / "results" / "plan-routes.md"
LAMS, RELEASES = (0.01, 0.001), (1.0, 4.0, 16.0)
TARGETS, REGIMES = (0.1, 1.0), ("per_record", "joint")
REPEATS = 15
# Costs in row gradients alone: the choice that the table calls the plan's knows no clock.
PRICES = PriceList(
    row_gradient_s=1.0,
    delete_fixed_s=0.0,
    retrain_fixed_s=0.0,
    delete_verification_s=0.0,
    retrain_verification_s=0.0,
)
HEAD = [
    "lambda",
    "release's epsilon",
    "target epsilon",
    "for",
    "row gradients, deletion / retraining",
    "ratio",
    "CPU ms, deletion",
    "CPU ms, retraining",
    "ratio",
    "accuracy %, deletion / retraining",
    "the plan takes",
    "faster here",
]


def chosen(bench: Bench, *, target: float, regime: Any) -> PlanChoice:
    """The plan's choice by row gradients."""
    inputs = PlanInputs(
        ledger=bench.ledger,
        batch_rows=BATCH,
        rows_per_person=1,
        regime=regime,
        epsilon=target,
        delta=DELTA,
        cap_epsilon=1e6,
        steps_learn=bench.steps_learn,
        prices=PRICES,
    )
    return choose(inputs)


def run_both(bench: Bench, *, steps: int) -> tuple[list[Ran], list[Ran]]:
    """Deletions and retrainings, in turn; who goes first changes each time."""
    deleted: list[Ran] = []
    again: list[Ran] = []
    routes: list[Callable[[], None]] = [
        lambda: deleted.append(bench.delete(steps=steps)),
        lambda: again.append(bench.retrain()),
    ]
    for turn in range(REPEATS):
        for route in routes[:: 1 if turn % 2 else -1]:
            route()
    return deleted, again


def reached(runs: list[Ran], *, group: int) -> float:
    """The worst epsilon of A among the ledgers that the deletions left."""
    ledgers = [Ledger.from_json((ran.folder / "ledger.json").read_text()) for ran in runs]
    return max(price(ledger, delta=DELTA, group=group).a.epsilon(DELTA) for ledger in ledgers)


def compared(bench: Bench, *, target: float, regime: str) -> list[str]:
    """The cells of one setting."""
    choice = chosen(bench, target=target, regime=regime)
    if choice.delete_steps is None:
        return ["", "", f"cannot be had ({choice.code})", "", "", "", "retrain", "retrain"]
    deleted, again = run_both(bench, steps=choice.delete_steps)
    worst = reached(deleted, group=BATCH if regime == "joint" else 1)
    if worst > target + 1e-9:
        raise SystemExit(f"A deletion for epsilon {target} reached {worst}: the plan and the price disagree.")
    work = [statistics.median(ran.row_gradients for ran in runs) for runs in (deleted, again)]
    cpu = [statistics.median(ran.cpu_s for ran in runs) for runs in (deleted, again)]
    right = [statistics.median(ran.accuracy for ran in runs) for runs in (deleted, again)]
    return [
        f"{work[0]:,.0f} / {work[1]:,.0f}",
        f"{work[0] / work[1]:.3f}",
        milliseconds(deleted),
        milliseconds(again),
        f"{cpu[0] / cpu[1]:.2f}",
        f"{100 * right[0]:.1f} / {100 * right[1]:.1f}",
        choice.route.removeprefix("certified."),
        "delete" if cpu[0] < cpu[1] else "retrain",
    ]


def milliseconds(runs: list[Ran]) -> str:
    times = sorted(1e3 * ran.cpu_s for ran in runs)
    return f"{statistics.median(times):.1f} ({times[0]:.1f} to {times[-1]:.1f})"


def lines(folder: Path) -> Iterator[list[str]]:
    """One line of the table for each setting."""
    for lam, epsilon in product(LAMS, RELEASES):
        bench = Bench(folder / f"{lam:g}-{epsilon:g}", epsilon=epsilon, lam=lam)
        bench.delete(steps=1)  # loads what the first run of a route would else pay for
        for target, regime in product(TARGETS, REGIMES):
            whom = "each person" if regime == "per_record" else "all together"
            line = [f"{lam:g}", f"{epsilon:g}", f"{target:g}", whom, *compared(bench, target=target, regime=regime)]
            print(" | ".join(line), flush=True)
            yield line


def start_of_a_runner_s() -> float:
    """CPU seconds that a process pays before its first step, on either route."""
    begun = resource.getrusage(resource.RUSAGE_CHILDREN)
    for _ in range(3):
        subprocess.run([sys.executable, "-c", "import unlearning.certified.learn"], check=True)
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (spent.ru_utime + spent.ru_stime - begun.ru_utime - begun.ru_stime) / 3


def written(table: list[list[str]], *, before: str, start_s: float) -> str:
    """The page: what was measured, where, all lines, and what they do not say."""
    run = sum(bool(line[4]) for line in table)
    fewer = sum(line[-2] == "delete" for line in table)
    faster = sum(line[-1] == "delete" for line in table)
    rows = "\n".join("| " + " | ".join(line) + " |" for line in [HEAD, ["---"] * len(HEAD), *table])
    return f"""# Deletion beside retraining

`python -m benchmarks.plan_routes`: {BATCH} records leave a certified logistic model of scikit-learn's breast-cancer
data ({HELD_OUT} patients held out for the accuracy, delta {DELTA:g}). Both routes were run {REPEATS} times, in turn,
in one process; the table shows medians, and the extremes in brackets. A ratio below 1 is a win of deletion, above 1 a
loss. The noise comes from the operating system and has no seed. Times are of a shared machine.

{machine.described(load_before=before)}

{rows}

- By row gradients deletion wins in {fewer} of {len(table)} settings, by CPU time in {faster}; {run} could be run.
- CPU time holds more than steps: both routes read the rows, a deletion also the model and its ledger. Where steps are
  few this outweighs them, so that the two ratios differ.
- A runner spends {start_s:.1f} s of CPU on starting Python and torch, on either route: at this size more than on all
  its steps. What a ratio saves shows only on larger models and data.
- Verification, destruction and the people who approve are not counted.
- A deletion brings number A (later releases only) to the target, a retraining to zero. Neither lowers number B.
"""


def main() -> None:
    before = machine.load()
    with tempfile.TemporaryDirectory() as folder:
        table = list(lines(Path(folder)))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(written(table, before=before, start_s=start_of_a_runner_s()))
    print(f"written: {RESULTS.relative_to(Path.cwd()) if RESULTS.is_relative_to(Path.cwd()) else RESULTS}")


if __name__ == "__main__":
    main()
