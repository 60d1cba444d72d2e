"""One child of `classifier.references`: `python -I -m unlearning.classifiers.reference_child JOB_DIR OUT SEED...`."""

from __future__ import annotations

import os
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path

from unlearning.runner.refusals import EXIT_CANCELLED, EXIT_DONE, EXIT_REFUSED, Refused

EXIT_CRASHED = 70


def main(folder: Path, weights: Path, seeds: list[int]) -> int:
    """Train these seeds one after the other; returns what `serve` returns."""
    return serve(lambda: train_all(folder, weights, seeds))


def serve(work: Callable[[], None]) -> int:
    """Do the work and leave at once when the runner is gone; returns 0 done, 64 refused (it diverged) or 70 crashed."""
    threading.Thread(target=_watch_the_runner, daemon=True).start()
    os.umask(0o077)
    try:
        work()
    except Refused:
        return EXIT_REFUSED
    except Exception as error:
        # Frames and class only: the text of an exception may quote a person's row.
        print("".join(traceback.format_tb(error.__traceback__)), type(error).__name__, file=sys.stderr)
        return EXIT_CRASHED
    return EXIT_DONE


def train_all(folder: Path, weights: Path, seeds: list[int]) -> None:
    import torch

    from unlearning.classifiers.architecture import Architecture
    from unlearning.classifiers.inputs import prepared
    from unlearning.classifiers.network import save_network
    from unlearning.classifiers.one_training import trained
    from unlearning.runner.jobfolder import read_spec

    torch.set_num_threads(1)
    spec = read_spec(folder)
    architecture = Architecture.from_params(spec.params)
    rows = prepared(spec, "retain", architecture)

    def told(step: int, steps: int) -> None:
        if step * spec.params["epochs"] % steps == 0:
            os.write(1, b".")

    for seed in seeds:
        save_network(weights / f"seed_{seed}", trained(architecture, rows, spec.params, seed=seed, progress=told))


def _watch_the_runner() -> None:
    while os.read(0, 1):
        pass
    os._exit(EXIT_CANCELLED)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), [int(seed) for seed in sys.argv[3:]]))
