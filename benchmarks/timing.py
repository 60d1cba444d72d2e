"""Times that can be compared: CPU time on one thread, contestants in turn, medians with their extremes.

CPU time, because on shared cores the clock on the wall counts the neighbours too.
"""

import os
import statistics
import time
from collections.abc import Callable, Mapping

THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def one_thread() -> None:
    """All numeric libraries on one thread; torch is imported here, after its variables are set."""
    for name in THREADS:
        os.environ[name] = "1"
    import torch

    torch.set_num_threads(1)


def interleaved(contestants: Mapping[str, Callable[[], object]], *, repeats: int) -> dict[str, list[float]]:
    """CPU seconds of each run, the contestants in turn and in changing order, after one unmeasured run of each.

    Whatever else the machine does then hits all of them alike, which is why only ratios of one table mean something.
    """
    for contestant in contestants.values():
        contestant()
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for turn in range(repeats):
        for name in list(contestants)[:: 1 if turn % 2 else -1]:
            begun = time.process_time()
            contestants[name]()
            times[name].append(time.process_time() - begun)
    return times


def shown(seconds: list[float], *, per: float = 1.0) -> str:
    """Median and extremes in milliseconds, of a part when a run held `per` of them."""
    thousandths = sorted(1e3 * value / per for value in seconds)
    return f"{statistics.median(thousandths):.3g} ({thousandths[0]:.3g} to {thousandths[-1]:.3g})"


def ratio(slow: list[float], fast: list[float]) -> float:
    """Median of the one over median of the other."""
    return statistics.median(slow) / statistics.median(fast)


def ratio_shown(slow: list[float], fast: list[float]) -> str:
    """The ratio of the medians, and the extremes of the ratios turn by turn."""
    turns = sorted(one / other for one, other in zip(slow, fast, strict=True))
    return f"{ratio(slow, fast):.2f} ({turns[0]:.2f} to {turns[-1]:.2f})"
