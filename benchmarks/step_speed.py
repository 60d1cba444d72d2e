"""Time of one step against Opacus and against the machine: `python -m benchmarks.step_speed [--quick]`.

One thread; all contestants of a table in turn in one process. What counts are the ratios within a line.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from statistics import median

from benchmarks import machine, timing
from benchmarks.pages import table, write

FEATURES, CLASSES, REPEATS, STEPS = 784, 10, 7, 3
ROWS, CHUNKS, WHOLE = (10_000, 60_000), (100, 1000), 10_000
WAYS = {
    "array": "fit, array",
    "map": "fit, memory-mapped file",
    "delete": "fit and delete, array",
    "own-delete": "fit and delete, array handed over (copy_X=False)",
    "map-delete": "fit and delete, memory-mapped file",
}
OURS, BATCH, HOOKS, GHOST = "certified", "Opacus, one batch", "Opacus, per-sample", "Opacus, ghost"
PLAIN, LAID = "rows first", "classes first, chunks"
Contestants = dict[str, Callable[[], object]]
HEAD = [
    "n",
    "type",
    "certified, CPU ms",
    "Opacus per-sample, one batch, CPU ms",
    "the same in small chunks, CPU ms",
    "Opacus ghost, CPU ms",
    "one batch / certified",
    "small chunks / certified",
    "ghost / certified",
    "certified / roofline",
    "bound by",
    "layout, in chunks",
    "layout and chunks",
]


def contestants(n: int, dtype_name: str) -> tuple[Contestants, int]:
    """Everything to be timed at one size, and the bytes of the features."""
    import torch

    from benchmarks.rooflines import probes

    chance = torch.Generator().manual_seed(n)
    dtype = getattr(torch, dtype_name)
    rows = torch.randn((n, FEATURES), generator=chance, dtype=dtype)
    labels = torch.randint(0, CLASSES, (n,), generator=chance)
    found: Contestants = {OURS: certified_step(rows, labels), **opacus_steps(rows, labels)}
    return {**found, **products(rows), **probes(rows)}, rows.numel() * rows.element_size()


def certified_step(rows, labels) -> Callable[[], object]:  # type: ignore[no-untyped-def] # torch is imported late
    """STEPS steps of the engine's kernel. In float32, which the engine refuses, the same kernel around the refusal."""
    import torch

    from unlearning.certified.constants import Constants
    from unlearning.certified.kernel import Chunk, gradient_sum, rows_per_chunk
    from unlearning.certified.noise import NoiseStream
    from unlearning.certified.objective import softmax_excess
    from unlearning.certified.steps import steps_over

    n = len(rows)
    lengths = torch.sqrt((rows * rows).sum(dim=1) + 1.0)
    size = rows_per_chunk(FEATURES) * 8 // rows.element_size()
    spans = [slice(start, start + size) for start in range(0, n, size)]
    chunks = [Chunk(lambda here=here: rows[here], labels[here], 1.0 / lengths[here]) for here in spans]
    numbers = Constants(lam=0.01, eta=3.8, sigma=0.01, n_0=n, steps=STEPS)
    start = torch.zeros((CLASSES, FEATURES + 1), dtype=rows.dtype)

    def exact() -> object:
        return steps_over(start, [chunks], excess=softmax_excess, constants=numbers, after_step=lambda _step: None)

    def single() -> object:
        theta = start
        with NoiseStream() as noise:
            for _ in range(STEPS):
                drift = gradient_sum(theta, chunks, excess=softmax_excess) / n + 0.01 * theta
                shake = torch.from_numpy(noise.normals(theta.numel())).reshape(theta.shape).to(theta.dtype)
                theta = theta - 3.8 * drift + 0.01 * shake
        return theta

    return exact if rows.dtype == torch.float64 else single


def opacus_steps(rows, labels) -> Contestants:  # type: ignore[no-untyped-def] # torch is imported late
    """Opacus in one batch (of 10,000 rows at most), and at the small chunk size that a trial finds fastest."""
    import torch

    from benchmarks.per_sample import OpacusStep

    ones = torch.ones((len(rows), 1), dtype=rows.dtype)
    rows_NG = torch.cat([rows, ones], dim=1)  # the intercept as a column; made once, outside the measured time
    best: Contestants = {BATCH: OpacusStep(rows_NG, labels, classes=CLASSES, chunk=WHOLE, mode="hooks")}
    for name, mode in ((HOOKS, "hooks"), (GHOST, "ghost")):
        steps = {size: OpacusStep(rows_NG, labels, classes=CLASSES, chunk=size, mode=mode) for size in CHUNKS}
        trial = timing.interleaved({str(size): step for size, step in steps.items()}, repeats=1)
        best[name] = steps[int(min(trial, key=lambda size: trial[size][0]))]
        print(f"{name}, {rows.dtype}, n = {len(rows)}: chunks of {best[name].chunk}", flush=True)  # type: ignore[attr-defined]
    return best


def products(rows) -> Contestants:  # type: ignore[no-untyped-def] # torch is imported late
    """The two products of a step alone: logits rows by classes or classes by rows, in one piece or in chunks."""
    import torch

    from unlearning.certified.kernel import rows_per_chunk

    theta_CF = torch.ones((CLASSES, rows.shape[1]), dtype=rows.dtype)
    size = rows_per_chunk(FEATURES) * 8 // rows.element_size()
    chunks = rows.split(size)

    def rows_first(parts) -> object:  # type: ignore[no-untyped-def]
        total = torch.zeros_like(theta_CF)
        for part in parts:
            total.addmm_((part @ theta_CF.T).T, part)
        return total

    def classes_first(parts) -> object:  # type: ignore[no-untyped-def]
        total = torch.zeros_like(theta_CF)
        for part in parts:
            total.addmm_(theta_CF @ part.T, part)
        return total

    return {
        PLAIN: lambda: rows_first([rows]),
        "classes first": lambda: classes_first([rows]),
        "rows first, chunks": lambda: rows_first(chunks),
        LAID: lambda: classes_first(chunks),
    }


def line(n: int, dtype_name: str, *, repeats: int) -> list[str]:
    """The cells of one size and type."""
    from benchmarks.rooflines import rates

    found, size = contestants(n, dtype_name)
    times = timing.interleaved(found, repeats=repeats)
    ours = [seconds / STEPS for seconds in times[OURS]]
    here = rates(times, size=size)
    flops = 4.0 * n * FEATURES * CLASSES
    least = here.least_seconds(size=size, flops=flops)
    cells = [
        str(n),
        dtype_name,
        timing.shown(ours),
        timing.shown(times[BATCH]),
        timing.shown(times[HOOKS]),
        timing.shown(times[GHOST]),
        timing.ratio_shown(times[BATCH], ours),
        timing.ratio_shown(times[HOOKS], ours),
        timing.ratio_shown(times[GHOST], ours),
        f"{median(ours) / least:.2f}",
        f"{'reading' if 2.0 * size / here.read > flops / here.arithmetic else 'arithmetic'}"
        f" ({here.read / 1e9:.1f} GB/s, {here.arithmetic / 1e9:.0f} GFLOP/s)",
        timing.ratio_shown(times["rows first, chunks"], times[LAID]),
        timing.ratio_shown(times[PLAIN], times[LAID]),
    ]
    print(" | ".join(cells), flush=True)
    return cells


def memory(n: int) -> list[list[str]]:
    """Peak memory in processes of their own."""
    lines = []
    for way, name in WAYS.items():
        command = [sys.executable, "-m", "benchmarks.peak_memory", str(n), str(FEATURES), way]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        found = json.loads(said.splitlines()[-1])
        lines.append([str(n), name, f"{found['times']:.2f}", f"{found['base'] / 1e6:.0f} MB"])
        print(" | ".join(lines[-1]), flush=True)
    return lines


def page(lines: list[list[str]], used: list[list[str]], *, repeats: int, before: str) -> str:
    return f"""# Time and memory of a step

`python -m benchmarks.step_speed`: one noisy full-gradient step of a softmax model, {FEATURES} features, {CLASSES}
classes, one thread, in the same process and in turn; medians of {repeats} turns, extremes in brackets. Only ratios
within a line mean something: caches and memory are shared with other work, though CPU time is counted.

{machine.described(load_before=before)} {machine.versions("torch", "opacus", "numpy")}.

{table(HEAD, lines)}

- Certified: `unlearning.certified.steps`, noise included ({STEPS} steps a turn, divided). float32 is for the comparison
  only: the engine refuses it, and the kernel is driven around the refusal.
- Opacus per-sample: GradSampleModule and DPOptimizer, the intercept as a column. "One batch" is how it runs unless
  told otherwise (at n = 60,000 in batches of {WHOLE:,}: all per-sample gradients at once would need gigabytes).
  "Small chunks" lets its own gradient accumulation keep them in the cache: {" or ".join(map(str, CHUNKS))} rows,
  whichever was faster. Ghost: its newer mode, which makes norms only and goes back twice.
- What a cleverer caller gets out of Opacus is thus an order of magnitude here, not 15 times: the two products that a
  step cannot do without take about nine tenths of the certified step, at the rate that the library gives for ten
  classes.
- Roofline: the larger of two passes over the features at the read rate of this run (the better of a sum and a product
  with a vector) and of the arithmetic at the rate of a large product in this run.
- Layout: the two products of a step alone, logits rows by classes against classes by rows (the engine's), both in the
  engine's chunks; and the plain way (rows by classes, in one piece) against the engine's way.

## Peak memory

In times of the features' bytes, over what the process held after a small fit (Python, torch and the rest: last column).

{table(["n", "what", "peak / features", "base"], used)}

- A fit borrows the array. The first deletion from a borrowed array copies the rows that stay, because its owner may
  still need it, so the features are there twice at least. A model that owns its rows or reads a file does not.
  `copy_X=False` hands an array over, and deletions then overwrite the rows in it.
"""


def main() -> None:
    quick, before = "--quick" in sys.argv[1:], machine.load()
    timing.one_thread()
    rows, repeats = ((2_000,), 3) if quick else (ROWS, REPEATS)
    lines = [line(n, name, repeats=repeats) for n in rows for name in ("float64", "float32")]
    text = page(lines, memory(rows[-1]), repeats=repeats, before=before)
    print(text) if quick else write("step-speed.md", text)


if __name__ == "__main__":
    main()
