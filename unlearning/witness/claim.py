"""What a ledger claims of the last run: how many noisy steps of which size, and how many before it in its line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from unlearning.accounting import Ledger, Retrained, Steps, Trained
from unlearning.witness.objective import Loss


class CannotTellError(Exception):
    """The question has no answer here; `code` and `reason` say why. Nobody is accused for it."""

    def __init__(self, code: str, reason: str) -> None:
        self.code, self.reason = code, reason
        super().__init__(f"{code}: {reason}")


@dataclass(frozen=True, kw_only=True)
class Claim:
    """All public. steps: of the last run; before: of the earlier runs of its line (0 when it started from zero)."""

    lam: float
    beta: float
    eta: float
    sigma: float
    n_0: int
    norm_bound: float
    classes: int
    loss: Loss
    steps: int
    before: int

    @property
    def step_variance(self) -> float:
        """s^2 = 2 eta sigma^2: what one step adds to each coordinate."""
        return 2.0 * self.eta * self.sigma**2


def claim_of(ledger: Ledger) -> Claim:
    """Read the claim about the last run.

    Raises: CannotTellError with MINI_BATCHES, CHANGING_DENOMINATOR, LOSS_UNKNOWN or NO_RUN.
    """
    problem = ledger.problem
    if getattr(problem, "batch", None) is not None:
        reason = "the run went through mini-batches; the law of its noise is known to the witness for full batches only"
        raise CannotTellError("MINI_BATCHES", reason)
    if problem.adjacency == "remove":
        raise CannotTellError("CHANGING_DENOMINATOR", "the loss is a mean over the rows of the moment, not over n_0")
    before = steps = 0
    for event in ledger.events:
        if isinstance(event, Trained | Retrained):
            before, steps = 0, event.steps
        elif isinstance(event, Steps):
            before, steps = before + steps, event.steps
    if steps < 1:
        raise CannotTellError("NO_RUN", "the ledger tells of no run")
    written_twice: dict[str, Loss] = {name: name for name in get_args(Loss)}
    named = problem.loss or ("binary" if problem.classes == 2 else "softmax")
    if named not in written_twice:
        raise CannotTellError("LOSS_UNKNOWN", f"the witness has no second version of the loss {named}")
    return Claim(
        lam=problem.lam,
        beta=problem.beta,
        eta=problem.eta,
        sigma=problem.sigma,
        n_0=problem.n,
        norm_bound=problem.norm_bound,
        classes=problem.classes,
        loss=written_twice[named],
        steps=steps,
        before=before,
    )
