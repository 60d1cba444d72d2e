"""How time, steps and privacy grow, as pictures: `python -m benchmarks.growth [--quick]`.

Time against rows and features is measured; steps against deletions and B against rounds are the accountant's.
"""

import sys
from dataclasses import dataclass
from math import log
from statistics import median
from typing import Any

import numpy as np

from benchmarks import machine, timing, year
from benchmarks.engine import Line, part
from benchmarks.pages import save_picture, table, write
from unlearning.accounting import recommend, smallest_deletion_steps

CLASSES, STEPS, REPEATS = 10, 5, 7
ROWS, FEATURES = (1_000, 4_000, 16_000, 64_000, 256_000), (16, 64, 256, 1024, 4096)
FIXED_FEATURES, FIXED_ROWS = 100, 8_000
DELETED = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
N, EPSILON, TARGETS = 10_000, 1.0, (0.1, 0.5)


@dataclass(frozen=True)
class Curve:
    """Medians in milliseconds against a size, with their extremes."""

    sizes: tuple[int, ...]
    times: list[list[float]]

    @property
    def medians(self) -> list[float]:
        return [1e3 * median(seconds) / STEPS for seconds in self.times]

    @property
    def exponent(self) -> float:
        """Of the growth between the last two sizes that are four times apart or more."""
        low, high = self.sizes[-3], self.sizes[-1]
        return log(self.medians[-1] / self.medians[-3]) / log(high / low)


def timed(shapes: list[tuple[int, int]], *, repeats: int) -> list[list[float]]:
    """CPU seconds of STEPS softmax steps at each shape (rows, features)."""
    line = Line(lam=0.01, eta=3.8, sigma=0.01, n_0=max(n for n, _ in shapes), outputs=CLASSES, loss="softmax")
    found = []
    for n, features in shapes:
        chance = np.random.default_rng(n + features)
        rows = part(chance.standard_normal((n, features)), chance.integers(0, CLASSES, n))
        times = timing.interleaved({"step": lambda rows=rows: line.run(rows, steps=STEPS)}, repeats=repeats)
        found.append(times["step"])
        print(f"n = {n}, d = {features}: {timing.shown(found[-1], per=STEPS)} ms a step", flush=True)
    return found


def deletion_steps(*, target: float) -> tuple[list[int | None], int]:
    """Steps to (target, delta) for groups of growing size, and the steps of a retraining (the learning steps)."""
    found = recommend(n=N, features=785, classes=10, epsilon=EPSILON, delta=1e-5, loss="softmax", lam=0.001)
    problem = found.problem
    steps = [
        smallest_deletion_steps(
            lam=problem.lam,
            beta=problem.beta,
            lipschitz=problem.lipschitz,
            n=problem.n,
            eta=problem.eta,
            sigma=problem.sigma,
            steps_learn=found.steps_learn,
            epsilon=target,
            delta=1e-5,
            group=group,
            adjacency=problem.adjacency,
            rho=problem.rho,
        ).steps
        for group in DELETED
    ]
    return steps, found.steps_learn


def draw_time(by_rows: Curve, by_features: Curve) -> None:
    """Two panels: time of a step against n and against d, with straight lines for comparison."""
    plots, (left, right) = _panels()
    from matplotlib.ticker import NullFormatter, NullLocator, ScalarFormatter

    for axis, curve, name in ((left, by_rows, "rows n"), (right, by_features, "features d")):
        ends = [[1e3 * (edge(seconds) / STEPS) for seconds in curve.times] for edge in (min, max)]
        axis.fill_between(curve.sizes, *ends, color="#9ecae1", label="fastest to slowest of the turns")
        axis.plot(curve.sizes, curve.medians, "o-", color="#08519c", label="median")
        last = curve.medians[-1]
        axis.plot(curve.sizes, [last * size / curve.sizes[-1] for size in curve.sizes], "k:", label="in proportion")
        axis.set(xscale="log", yscale="log", xlabel=name, ylabel="CPU ms a step, one thread")
        axis.set_xticks(curve.sizes, [f"{size:,}" for size in curve.sizes])
        axis.xaxis.set_minor_locator(NullLocator())
        axis.yaxis.set_major_formatter(ScalarFormatter())
        axis.yaxis.set_minor_formatter(NullFormatter())
        axis.grid(alpha=0.3)
    left.set_title(f"d = {FIXED_FEATURES}, {CLASSES} classes")
    right.set_title(f"n = {FIXED_ROWS:,}, {CLASSES} classes")
    left.legend(fontsize=8)
    save_picture(plots, "growth-time.png")


def draw_privacy() -> None:
    """Two panels: steps against the number deleted at once, and B against weekly rounds."""
    plots, (left, right) = _panels()
    for target, colour in zip(TARGETS, ("#08519c", "#6baed6"), strict=True):
        steps, learning = deletion_steps(target=target)
        left.plot(DELETED, steps, "o-", color=colour, label=f"all of them jointly to epsilon {target:g}")
        left.axhline(steps[0], color=colour, ls=":", lw=1.2, label=f"each for themselves to {target:g}")
    left.axhline(learning, color="#a50f15", ls="--", lw=1.2, label="retraining")
    left.set(xscale="log", xlabel=f"rows deleted at once, of {N:,}", ylabel="steps")
    left.set_xticks([1, 10, 100, 1000], ["1", "10", "100", "1,000"])
    left.set_ylim(0, 1.5 * left.get_ylim()[1])  # room for the legend above the curves
    left.set_title(f"A: steps to delete (first release at epsilon {EPSILON:g})")
    rounds = range(0, 52)
    for steps_each, colour in ((5, "#6baed6"), (9, "#08519c"), (22, "#31a354"), (None, "#a50f15")):
        spent = [year.after(now, every=1, steps_delete=steps_each).b.mu for now in rounds]
        name = "retrain each time" if steps_each is None else f"{steps_each} steps each"
        right.plot([now + 1 for now in rounds], spent, color=colour, label=name)
    right.set(xlabel="weekly releases", ylabel="mu of B, people who stay", ylim=(0, None))
    right.set_title("B: all releases (example E)")
    for axis in (left, right):
        axis.grid(alpha=0.3)
        axis.legend(fontsize=8)
    save_picture(plots, "growth-privacy.png")


def _panels() -> Any:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    plots, axes = plt.subplots(1, 2, figsize=(10, 3.8))
    plots.subplots_adjust(wspace=0.28)
    return plots, axes


def schedules() -> list[list[str]]:
    """B after a year under four ways to publish: nine steps for each deletion, or always retraining."""
    lines = []
    for name, every in year.SCHEDULES.items():
        nine, again = (year.after(51, every=every, steps_delete=steps) for steps in (9, None))
        pairs = [f"{one.b.mu:.3f} ({one.b.epsilon(year.DELTA):.2f})" for one in (nine, again)]
        lines.append([name, str(nine.releases), *pairs, f"{nine.b.mu / again.b.mu:.2f}"])
    return lines


def page(by_rows: Curve, by_features: Curve, *, repeats: int, before: str) -> str:
    sizes = [
        [f"{n:,}", str(d), timing.shown(seconds, per=STEPS)]
        for shapes, curve in ((_row_shapes(by_rows.sizes), by_rows), (_feature_shapes(by_features.sizes), by_features))
        for (n, d), seconds in zip(shapes, curve.times, strict=True)
    ]
    head = [
        "published",
        "releases in 52 weeks",
        "nine steps each: mu (epsilon)",
        "always retraining: mu (epsilon)",
        "ratio",
    ]
    return f"""# Growth

`python -m benchmarks.growth`: one step of the certified engine (softmax, {CLASSES} classes, full batch, float64, one
thread) against rows and features, measured; steps and B by the accountant. Medians of {repeats} runs of {STEPS} steps.

{machine.described(load_before=before)} {machine.versions("torch", "numpy", "matplotlib")}.

![Time of a step against rows and against features](growth-time.png)

At the right end time grows as n to the {by_rows.exponent:.2f} and as d to the {by_features.exponent:.2f}; at the
left end a step's fixed cost shows (noise, Python).

{table(["n", "d", "CPU ms a step"], sizes)}

![Steps to delete against rows deleted, and B against rounds](growth-privacy.png)

Left: a deletion to a joint target grows with the logarithm of the number deleted and passes retraining; each person's
own target takes the same few steps however many leave. Right: each release costs those who stay; short deletions cost
less than retraining, and none is free.

## A year of weekly deletions under four ways to publish

Example E of the reference (c = .9, 60 learning steps, mu .5 for the first release, delta {year.DELTA:g}); a deletion
every week. B of a person who stays, over everything published. Retraining is done for a release only.

{table(head, schedules())}

- Publishing less often saves more than any choice of steps. Between rare releases short deletions add up to as many
  steps as a retraining, so that their lead vanishes (monthly) and turns (quarterly, ratio above 1 by a little).
- The reference prints 2.42 and 3.60 for the first line, cut off after two digits.
"""


def _row_shapes(sizes: tuple[int, ...]) -> list[tuple[int, int]]:
    return [(n, FIXED_FEATURES) for n in sizes]


def _feature_shapes(sizes: tuple[int, ...]) -> list[tuple[int, int]]:
    return [(FIXED_ROWS, d) for d in sizes]


def main() -> None:
    quick, before = "--quick" in sys.argv[1:], machine.load()
    timing.one_thread()
    repeats = 2 if quick else REPEATS
    rows, features = (ROWS[:3], FEATURES[:3]) if quick else (ROWS, FEATURES)
    by_rows = Curve(rows, timed(_row_shapes(rows), repeats=repeats))
    by_features = Curve(features, timed(_feature_shapes(features), repeats=repeats))
    draw_time(by_rows, by_features)
    draw_privacy()
    text = page(by_rows, by_features, repeats=repeats, before=before)
    print(text) if quick else write("growth.md", text)


if __name__ == "__main__":
    main()
