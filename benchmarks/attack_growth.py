"""How the network attack grows with records, budgets and references: `python -m benchmarks.attack_growth [--quick]`.

One panel each, CPU seconds on one thread, everything else held fixed.
"""

import sys
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np

from benchmarks import machine, timing
from benchmarks.attack_models import BOX, World, world
from benchmarks.pages import save_picture, table, write
from unlearning.verification.network_arms import NetworkModels, NetworkProbe, Strength, attack_arms, groups_of
from unlearning.verification.pgd import climb

RECORDS, BUDGETS, REFERENCES, REPEATS = (30, 60, 120, 240, 480, 960), (1, 2, 4, 8, 16), (0, 2, 4, 8), 3
TOP = 0.2
LADDER = (0.025, 0.05, 0.1, 0.15, 0.2)
Times = dict[int, list[float]]


def rows(made: World, count: int) -> NetworkProbe:
    """So many rows: those of the task, over and over, each time with other noise, so that none is another's copy."""
    import torch

    all_rows = made.rows
    places = np.arange(count) % len(all_rows)
    noise = torch.rand((count, 1, 8, 8), generator=torch.Generator().manual_seed(0))
    found = all_rows.at(places)
    return NetworkProbe((found.x + 0.02 * (noise - 0.5)).clamp(0.0, 1.0), found.y)


def attacked(made: World, *, records: int, budgets: int) -> Callable[[], object]:
    """One arm: the retrained model, the ladder evenly up to the top."""
    asked = rows(made, records)
    ladder = [TOP * (rung + 1) / budgets for rung in range(budgets)]
    how: dict[str, Any] = {"budgets": ladder, "norm": "linf", "steps": 20, "restarts": 2, "seed": 0, **BOX}
    return lambda: climb(made.retrained[0], asked.x, asked.y, **how)


def verified(made: World, *, references: int) -> Callable[[], object]:
    """All arms of one comparison with so many references."""
    models = NetworkModels(made.finetuned, made.original, made.retrained[:references])
    strength = Strength(budgets=LADDER, **BOX)
    return lambda: attack_arms(groups_of(models, made.deleted, made.unseen, strength), strength)


def measured(name: str, contestants: dict[int, Callable[[], object]], *, repeats: int) -> Times:
    """CPU seconds of each turn, sizes in turn."""
    found = timing.interleaved({str(size): run for size, run in contestants.items()}, repeats=repeats)
    for size, seconds in found.items():
        print(f"{name} {size}: {timing.shown(seconds)} ms", flush=True)
    return {int(size): seconds for size, seconds in found.items()}


def draw(panels: dict[str, Times]) -> None:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    plots, axes = plt.subplots(1, 3, figsize=(12, 3.6))
    plots.subplots_adjust(wspace=0.28)
    for axis, (name, times) in zip(axes, panels.items(), strict=True):
        sizes, middle = list(times), [median(seconds) for seconds in times.values()]
        low, high = ([edge(seconds) for seconds in times.values()] for edge in (min, max))
        axis.fill_between(sizes, low, high, color="#9ecae1", label="fastest to slowest of the turns")
        axis.plot(sizes, middle, "o-", color="#08519c", label="median")
        axis.set(xlabel=name, ylabel="CPU s, one thread", ylim=(0, None), xlim=(0, None))
        axis.grid(alpha=0.3)
    axes[0].legend(fontsize=8)
    save_picture(plots, "attack-growth.png")


def slope(times: Times) -> str:
    """Of the straight line through the first and the last size: start and per unit."""
    first, last = min(times), max(times)
    each = (median(times[last]) - median(times[first])) / (last - first)
    return f"{1e3 * each:.3g} ms"


def page(panels: dict[str, Times], *, repeats: int, before: str) -> str:
    lines = [
        [name, str(size), timing.shown(seconds)] for name, times in panels.items() for size, seconds in times.items()
    ]
    per_record, per_budget, per_reference = (slope(times) for times in panels.values())
    return f"""# Growth of the network attack

`python -m benchmarks.attack_growth`: the digits records task, a convolutional network, l-infinity, 20 steps, 2
restarts. Records: one model (retrained), 5 budgets up to {TOP}. Budgets: the same with 120 records, evenly up to {TOP}.
References: all arms of one comparison, 120 deleted and 120 never-seen records, 5 budgets. Medians of {repeats} turns.

{machine.described(load_before=before)} {machine.versions("torch", "numpy", "matplotlib")}.

![CPU time against records, budgets and references](attack-growth.png)

- A record costs {per_record} more, a budget {per_budget}, a reference {per_reference}.
- Records: rows are attacked independently of each other; below a few hundred the fixed cost of a step shows, above it
  time grows in proportion.
- Budgets: less than in proportion, because a row that fell is not attacked again below but by restarts; what a finer
  ladder costs is the rows that stand at each rung.
- References: each adds its two arms, on deleted and on never-seen records.

{table(["what grows", "size", "CPU ms"], lines)}
"""


def main() -> None:
    quick, before = "--quick" in sys.argv[1:], machine.load()
    timing.one_thread()
    repeats = 2 if quick else REPEATS
    most = 2 if quick else max(REFERENCES)
    made = world(references=most)
    panels = {
        "records": measured(
            "records", {size: attacked(made, records=size, budgets=5) for size in RECORDS}, repeats=repeats
        ),
        "budgets": measured(
            "budgets", {size: attacked(made, records=120, budgets=size) for size in BUDGETS}, repeats=repeats
        ),
        "references": measured(
            "references",
            {size: verified(made, references=size) for size in REFERENCES if size <= most},
            repeats=repeats,
        ),
    }
    text = page(panels, repeats=repeats, before=before)
    if quick:
        print(text)
        return
    draw(panels)
    write("attack-growth.md", text)


if __name__ == "__main__":
    main()
