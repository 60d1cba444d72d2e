"""What training and deletion have in common: rows in, the last noisy iterate out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import torch

from unlearning.certified.constants import Constants
from unlearning.certified.objective import EXCESS
from unlearning.certified.problem import constants_from_params, loss_of
from unlearning.certified.rows import Part, batches_of, part_of
from unlearning.certified.steps import steps_over
from unlearning.datasets import Rows
from unlearning.linear import Preparation
from unlearning.runner.faultpoints import reach
from unlearning.runner.job import Job
from unlearning.runner.refusals import Refused

Floats = npt.NDArray[np.float64]


def descend(
    start_KG: Floats,
    parts: Sequence[Part],
    *,
    loss: str,
    constants: Constants,
    after_step: Callable[[int], None],
    device: str = "cpu",
) -> Floats:
    """The one door to the steps, for the job folder and for the estimator alike; shapes (K, G) in and out.

    Raises: Refused with ROWS_EXCEED_N_0, REDUCED_PRECISION or DEVICE_UNAVAILABLE.
    """
    _require_device(device)
    theta = steps_over(
        torch.from_numpy(start_KG).to(device),
        batches_of(parts, constants, device=device),
        excess=EXCESS[loss],
        constants=constants,
        after_step=after_step,
    )
    result_KG: Floats = theta.cpu().numpy()
    return result_KG


def _require_device(device: str) -> None:
    """A processor or a CUDA device; what else there is has no float64."""
    kind = device.partition(":")[0]
    if kind != "cpu" and not (kind == "cuda" and torch.cuda.is_available()):
        raise Refused(
            "DEVICE_UNAVAILABLE",
            f"expected cpu, or cuda where there is such a device, got {device!r}.",
            "Use device='cpu'.",
        )


def learn(job: Job, start: Floats, rows: Rows, preparation: Preparation, *, phase: str) -> Floats:
    """Take `steps` noisy steps from `start` on these rows; shapes (K, G) in and out.

    Raises: Refused with LABEL_UNKNOWN, WIDTH_MISMATCH, SLOT_OUT_OF_RANGE, ROWS_EXCEED_N_0 or REDUCED_PRECISION.
    """
    torch.set_num_threads(job.spec.threads)
    constants = constants_from_params(job.params)
    middle = max(1, constants.steps // 2)

    def after_step(step: int) -> None:
        if step == middle:
            reach("mid_run")
        # Step counts only: a loss or a gradient length would be a noiseless function of people's rows (H2).
        job.progress.report(phase, step=step, steps=constants.steps)

    part = _part(rows, preparation, constants)
    return descend(start, [part], loss=loss_of(job.params), constants=constants, after_step=after_step)


def _part(rows: Rows, preparation: Preparation, constants: Constants) -> Part:
    """In the order of the slots, which a cyclic batch is cut by; a full batch asks nothing of their numbers."""
    order = np.argsort(rows.slots, kind="stable")
    if constants.batch is not None and not 0 <= rows.slots[order[0]] <= rows.slots[order[-1]] < constants.n_0:
        raise Refused(
            "SLOT_OUT_OF_RANGE",
            f"expected permanent slots from 0 to {constants.n_0 - 1} for cyclic batches, got others.",
            "Number the rows below n_0, or fix a larger n_0.",
        )
    positions, scaled = preparation.positions(rows.labels), preparation.scaled(rows.features)
    if not (np.diff(rows.slots) > 0).all():
        positions, scaled = positions[order], scaled[order]
    return part_of(scaled, positions, rows.slots[order], norm_bound=preparation.norm_bound)
