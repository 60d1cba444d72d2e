"""The frozen public constants of noisy gradient descent, and the two numbers a step has: contraction and drift.

theta <- theta - eta grad F(theta) + sqrt(2 eta) sigma N(0, I),    F = mean loss + (lam/2) |theta|^2
"""

import math
from dataclasses import dataclass
from typing import Literal, get_args

from unlearning.accounting.errors import AccountingError
from unlearning.accounting.strict_json import require_number

Adjacency = Literal["replace", "remove", "zero_out"]
Assumption = Literal["strongly_convex", "convex", "none"]

# guarantees H8: a float64 step on |theta| <= 10 is off by about this much (its mu floor there is 4e-13). A worst case
# for a given shape is `recommend.float64_rounding`; a problem may always name a larger one.
FLOAT64_RHO = 1.3e-15


@dataclass(frozen=True, kw_only=True)
class Descent:
    """Constants fixed before any data is read. `lipschitz` and `beta` describe the unregularised loss of one row.

    lam: L2 weight (never divided by n); n: rows, the public denominator; rho: rounding error of one step (H8).
    batch: None for the full batch. Else cyclic mini-batches of that many permanent slots: step k of a run, counted from
    0 in every run, sees the rows with slot // batch == k % ceil(n / batch), and divides their gradient sum by `batch`.
    Raises: NOT_FINITE, SIGMA_NOT_POSITIVE, NOT_STRONGLY_CONVEX, ETA_TOO_LARGE, NO_CONTRACTION,
    EMPTY_DATASET_AFTER_DELETION, LEDGER_MALFORMED.
    """

    lam: float
    beta: float
    lipschitz: float
    n: int
    eta: float
    sigma: float
    adjacency: Adjacency = "replace"
    assumption: Assumption = "strongly_convex"
    rho: float = FLOAT64_RHO
    batch: int | None = None

    def __post_init__(self) -> None:
        _require_numbers(self)
        _require_batch(self)
        _require_step_size(self)

    @property
    def gap(self) -> float:
        """1 - c, computed without cancellation: c = max(|1 - eta lam|, |1 - eta (lam + beta)|)."""
        return min(self.eta * self.lam, 2.0 - self.eta * (self.lam + self.beta))

    @property
    def contraction(self) -> float:
        """The Lipschitz constant c of one step."""
        return 1.0 - self.gap

    @property
    def noise(self) -> float:
        """s = sqrt(2 eta) sigma, the noise per coordinate and step."""
        return math.sqrt(2.0 * self.eta) * self.sigma

    @property
    def batches(self) -> int:
        """Steps of one pass over all slots; 1 for the full batch."""
        return 1 if self.batch is None else -(-self.n // self.batch)

    def drift(self, group: int, *, removed_before: int = 0) -> float:
        """D, how far one step differs between the worlds while `group` rows are present in one of them only.

        `remove` averages over the current set, so its denominator shrinks with every row removed before (and grows
        with every row that came: `removed_before` may be negative). In mini-batches the rows sit in the slot seen.
        Raises: EMPTY_DATASET_AFTER_DELETION, TARGET_OUT_OF_RANGE.
        """
        current = self.n - removed_before
        require_group(group)
        if group > 0 and current - group < 1:
            raise AccountingError(
                "EMPTY_DATASET_AFTER_DELETION",
                f"Expected at least one row to stay, got {group} judged together of {current}.",
                "Withdraw the model instead.",
            )
        denominator = self.n if self.batch is None else self.batch
        if self.adjacency == "zero_out":
            return self.eta * self.lipschitz * group / denominator
        if self.adjacency == "remove" and self.batch is None:
            denominator = current
        return 2.0 * self.eta * self.lipschitz * group / denominator


def require_group(group: int) -> None:
    """Refuse a group that is no count of rows. Raises: TARGET_OUT_OF_RANGE."""
    if isinstance(group, bool) or not isinstance(group, int) or group < 0:
        raise AccountingError("TARGET_OUT_OF_RANGE", f"Expected a count of rows, got {group!r}.", "Pass group >= 0.")


def _require_numbers(descent: Descent) -> None:
    for name in ("lam", "beta", "lipschitz", "eta", "sigma", "rho"):
        object.__setattr__(descent, name, require_number(getattr(descent, name), where=name))
    if descent.sigma <= 0.0:
        raise AccountingError(
            "SIGMA_NOT_POSITIVE", f"Expected sigma > 0, got {descent.sigma}.", "Without noise nothing is certified."
        )
    if min(descent.lam, descent.beta, descent.lipschitz, descent.rho) < 0.0:
        raise AccountingError(
            "NOT_FINITE", "Expected lam, beta, lipschitz and rho of at least 0.", "Check the constants' signs."
        )
    if isinstance(descent.n, bool) or not isinstance(descent.n, int) or descent.n < 1:
        raise AccountingError(
            "EMPTY_DATASET_AFTER_DELETION", f"Expected n >= 1 rows, got {descent.n!r}.", "Pass the public row count."
        )
    for name, allowed in (("adjacency", get_args(Adjacency)), ("assumption", get_args(Assumption))):
        if getattr(descent, name) not in allowed:
            raise AccountingError(
                "LEDGER_MALFORMED", f"Unknown {name} {getattr(descent, name)!r}.", f"Use one of {', '.join(allowed)}."
            )


def _require_batch(descent: Descent) -> None:
    batch = descent.batch
    if batch is not None and (isinstance(batch, bool) or not isinstance(batch, int) or not 1 <= batch <= descent.n):
        raise AccountingError(
            "LEDGER_MALFORMED",
            f"Expected a mini-batch of 1 to n = {descent.n} slots, got {batch!r}.",
            "Pass None for the full batch.",
        )


def _require_step_size(descent: Descent) -> None:
    if descent.eta <= 0.0:
        raise AccountingError("NO_CONTRACTION", f"Expected eta > 0, got {descent.eta}.", "Use eta = 1/(lam + beta).")
    if descent.assumption == "none":
        return
    strongly = descent.assumption == "strongly_convex"
    if strongly and descent.lam <= 0.0:
        raise AccountingError(
            "NOT_STRONGLY_CONVEX", f"Expected lam > 0, got {descent.lam}.", "Regularise, or assume `convex`."
        )
    reach = descent.eta * (descent.lam + descent.beta)
    if reach > 2.0 or (strongly and reach == 2.0):
        raise AccountingError(
            "ETA_TOO_LARGE",
            f"Expected eta below 2/(lam + beta) = {2.0 / (descent.lam + descent.beta)}, got {descent.eta}.",
            "Use eta = 2/(2 lam + beta) or smaller.",
        )
    if strongly and descent.contraction >= 1.0:
        raise AccountingError(
            "NO_CONTRACTION", "eta * lam vanishes beside 1 in float64.", "Use a larger lam or eta, or assume `convex`."
        )
