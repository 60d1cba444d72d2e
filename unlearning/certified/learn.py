"""What training and deletion have in common: rows in, the last noisy iterate out."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch

from unlearning.certified.objective import gradient_for, targets_for
from unlearning.certified.problem import constants_from_params
from unlearning.certified.steps import noisy_steps
from unlearning.datasets import Rows
from unlearning.linear import Preparation
from unlearning.runner.faultpoints import reach
from unlearning.runner.job import Job


def learn(
    job: Job, start: npt.NDArray[np.float64], rows: Rows, preparation: Preparation, *, phase: str
) -> npt.NDArray[np.float64]:
    """Take `steps` noisy steps from `start` on these rows; shapes (K, G) in and out.

    Raises: Refused with LABEL_UNKNOWN, WIDTH_MISMATCH, ROWS_EXCEED_N_0 or REDUCED_PRECISION.
    """
    torch.set_num_threads(job.spec.threads)
    classes = len(preparation.classes)
    targets = targets_for(torch.from_numpy(preparation.positions(rows.labels)), classes=classes)
    constants = constants_from_params(job.params)
    middle = max(1, constants.steps // 2)

    def after_step(step: int) -> None:
        if step == middle:
            reach("mid_run")
        # Step counts only: a loss or a gradient length would be a noiseless function of people's rows (H2).
        job.progress.report(phase, step=step, steps=constants.steps)

    theta = noisy_steps(
        torch.from_numpy(start),
        torch.from_numpy(preparation.augmented(rows.features)),
        targets,
        gradient=gradient_for(classes),
        constants=constants,
        after_step=after_step,
    )
    return theta.numpy()
