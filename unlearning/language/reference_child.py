"""One child of `language.references`: `python -I -m unlearning.language.reference_child JOB_DIR OUT SEED...`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from unlearning.classifiers.reference_child import serve


def main(folder: Path, weights: Path, seeds: list[int]) -> int:
    """Train these seeds one after the other; returns what `serve` returns."""
    return serve(lambda: train_all(folder, weights, seeds))


def train_all(folder: Path, weights: Path, seeds: list[int]) -> None:
    """What a child does: one training after the other, one byte to stdout for every epoch done or spared."""
    import torch

    from unlearning.language.inputs import texts_of
    from unlearning.language.models import PACKED, save_packed
    from unlearning.language.one_training import trained
    from unlearning.runner.jobfolder import read_spec

    torch.set_num_threads(1)
    spec = read_spec(folder)
    rows = texts_of(spec, "retain")
    epochs = spec.params["epochs"]

    def told(step: int, steps: int) -> None:
        if step * epochs % steps == 0:
            os.write(1, b".")

    for seed in seeds:
        lm, fitted = trained(spec, rows, seed=seed, told=told)
        os.write(1, b"." * (epochs - fitted.epochs))  # epochs that a training spared by ending early count as done
        save_packed(weights / f"seed_{seed}" / PACKED, lm)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), [int(seed) for seed in sys.argv[3:]]))
