"""One child of `classifier.shadows`: `python -I -m ...members.shadow_child JOB_DIR OUT SHADOW...`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from unlearning.classifiers.reference_child import serve

TENTHS = 10


class Tenths:
    """Writes one byte to stdout for each tenth of an unlearning that is done."""

    def __init__(self) -> None:
        self._written = 0

    def __call__(self, step: int, steps: int) -> None:
        """Step of steps is done."""
        due = TENTHS * step // steps
        os.write(1, b"." * max(0, due - self._written))
        self._written = max(due, self._written)


def train_all(folder: Path, weights: Path, shadows: list[int]) -> None:
    """Train these shadows one after the other, and let each unlearn its targets where the job says so."""
    import torch

    from unlearning.classifiers.architecture import Architecture
    from unlearning.classifiers.forgetting import unlearn
    from unlearning.classifiers.network import save_network
    from unlearning.classifiers.one_training import trained
    from unlearning.runner.jobfolder import read_spec
    from unlearning.verification.members.shadow_plan import plan_of
    from unlearning.verification.members.shadow_rows import rows_at

    torch.set_num_threads(1)
    spec = read_spec(folder)
    plan, architecture = plan_of(spec), Architecture.from_params(spec.params)

    def told(step: int, steps: int) -> None:
        if step * spec.params["epochs"] % steps == 0:
            os.write(1, b".")

    def side(shadow: int, *, targets: bool) -> tuple[torch.Tensor, torch.Tensor]:
        rows = rows_at(spec, plan.keys(plan.held[shadow] & (plan.target_P == targets)), architecture)
        return torch.from_numpy(rows.x), torch.from_numpy(rows.y)

    for shadow in shadows:
        seed = spec.params["seed"] + shadow
        rows = rows_at(spec, plan.keys(plan.held[shadow]), architecture)
        network = trained(architecture, rows, spec.params, seed=seed, progress=told)
        save_network(weights / f"trained_{shadow}", network)
        if "unlearn" in spec.params:
            forget, retain = side(shadow, targets=True), side(shadow, targets=False)
            method, told_too = {**spec.params["unlearn"], "seed": seed}, Tenths()
            lighter = unlearn(network, forget=forget, retain=retain, progress=told_too, **method)
            told_too(1, 1)  # a method may end before its last step
            save_network(weights / f"unlearned_{shadow}", lighter)


if __name__ == "__main__":
    given = Path(sys.argv[1]), Path(sys.argv[2]), [int(shadow) for shadow in sys.argv[3:]]
    sys.exit(serve(lambda: train_all(*given)))
