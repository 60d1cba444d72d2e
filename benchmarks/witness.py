"""How often the witness accuses, honest runs and cheats: `python -m benchmarks.witness` (half an hour).

Training, deletion and witness are the real engines, run in this process on scikit-learn's data; each trial trains anew.
"""

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import machine, witness_ceiling
from benchmarks.witness_trials import Seen, Trials
from unlearning.witness.power import ENOUGH

RESULTS = Path(__file__).parent / "results" / "witness.md"
# Steps of the deletion: a few, as many as a plan asks for, and so many that little of the start is left either way.
SETTINGS = (("digits", 20), ("digits", 60), ("digits", 160), ("breast-cancer", 20), ("breast-cancer", 60))
HONEST, CHEATS = 100, 20
CLOSE_CALLS = {("digits", 160): 100}  # half the steps, where 19 of 20 is near: so many trials
HEAD = [
    "data",
    "steps",
    "run",
    "trials",
    "accused",
    "as claimed",
    "inconclusive",
    "power told: half the noise / half the steps",
    "seconds per trial",
]


def kinds(trials: Trials, *, halved: int) -> list[tuple[str, Callable[[], Seen], int]]:
    """Every kind of run with its number of trials; halved: that of half the steps."""
    return [
        ("honest", trials.honest, HONEST),
        ("half the noise", trials.half_the_noise, CHEATS),
        ("half the steps", trials.half_the_steps, halved),
        ("old weights again", trials.old_weights_again, CHEATS),
        ("old weights, one noisy step on", trials.nearly_old_weights_again, CHEATS),
        ("one row left in", trials.one_row_left_in, CHEATS),
    ]


def line(data: str, steps: int, kind: str, run: Callable[[], Seen], count: int) -> list[str]:
    """The cells of one kind of run."""
    begun = time.perf_counter()
    seen = [run() for _ in range(count)]
    each_s = (time.perf_counter() - begun) / count
    outcomes = Counter(one.outcome for one in seen)
    power = "{power_half_noise:.2f} / {power_half_steps:.2f}".format(**seen[0].outputs)
    told = [str(outcomes[name]) for name in ("accused", "noise as claimed", "inconclusive")]
    return [data, str(steps), kind, str(count), *told, power, f"{each_s:.1f}"]


def lines(folder: Path) -> Iterator[list[str]]:
    """All lines of the table."""
    for data, steps in SETTINGS:
        place = folder / f"{data}-{steps}"
        place.mkdir()
        for kind, run, count in kinds(Trials(place, data, steps=steps), halved=CLOSE_CALLS.get((data, steps), CHEATS)):
            found = line(data, steps, kind, run, count)
            print(" | ".join(found), flush=True)
            yield found


def accused_of(table: list[list[str]], kind: str) -> str:
    """How many of all runs of a kind were accused."""
    lines_of = [cells for cells in table if cells[2].startswith(kind)]
    accused, trials = (sum(int(cells[place]) for cells in lines_of) for place in (4, 3))
    return f"{accused} of {trials}"


def written(table: list[list[str]], *, before: str) -> str:
    """The page: what was run, where, all lines, and what they do not say."""
    rows = in_markdown(HEAD, table)
    chances = list(witness_ceiling.lines())
    reached = [max(int(cells[0]) for cells in chances if float(cells[place]) >= ENOUGH) for place in (1, 2, 3)]
    ceiling = in_markdown(witness_ceiling.HEAD, chances)
    return f"""# Noise and descent witnesses

`python -m benchmarks.witness`: one record leaves a certified model; the real engines train, delete and examine. A cheat
runs with other numbers than its ledger tells. The witness judges at a level of 1 % in all; the noise comes from the
operating system and has no seed. Seconds are of one trial, training and deletion included, on a shared machine.

{machine.described(load_before=before)}

{rows}

- Accused of honest runs: {accused_of(table, "honest")}; 1 % of them may be. Caught: half the noise in
  {accused_of(table, "half the noise")}, old weights in {accused_of(table, "old weights")}.
- Where the power told is below .95 an honest run gets `inconclusive`, because `as claimed` would promise what was not
  tested. On breast cancer a model has 31 weights: too few to tell.
- One row left in (accused: {accused_of(table, "one row left in")}) moves the weights far less than the noise does; no
  test of these weights can see it. That is what the noise is for. What keeps the row out is the log of what was run.

## How many steps can be judged

Chances that half of so many steps is caught on digits, at 1 % in all, simulated with the Hessian's own spectrum. The
best of tests spends the whole level on the likelihood ratio given the old weights: by Neyman and Pearson nothing that
looks at these weights does better. What is told comes from public numbers alone, for the worst spectrum they allow.

{ceiling}

Of the numbers of steps in this table, 19 of 20 are reached up to {reached[0]}; no test could beyond {reached[1]};
`as claimed` is said up to {reached[2]}.
"""


def in_markdown(head: list[str], table: list[list[str]]) -> str:
    """A table of cells."""
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [head, ["---"] * len(head), *table])


def main() -> None:
    before = machine.load()
    with tempfile.TemporaryDirectory() as folder:
        table = list(lines(Path(folder)))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(written(table, before=before))
    print(f"written: {RESULTS.relative_to(Path.cwd()) if RESULTS.is_relative_to(Path.cwd()) else RESULTS}")


if __name__ == "__main__":
    main()
