"""Why the accountant refuses: one exception, one code per remedy."""

from typing import Literal

Code = Literal[
    "ETA_TOO_LARGE",
    "NOT_STRONGLY_CONVEX",
    "NO_CONTRACTION",
    "SIGMA_NOT_POSITIVE",
    "K_DELETE_NOT_POSITIVE",
    "K_LEARN_NOT_POSITIVE",
    "ORDER_NOT_ABOVE_ONE",
    "EMPTY_DATASET_AFTER_DELETION",
    "DELTA_OUT_OF_RANGE",
    "NOT_FINITE",
    "TARGET_OUT_OF_RANGE",
    "UNKNOWN_EVENT",
    "LEDGER_MALFORMED",
    "BUDGET_EXCEEDED",
]


class AccountingError(ValueError):
    """No certificate: `code` for machines, `message` for what came, `remedy` for what to do."""

    def __init__(self, code: Code, message: str, remedy: str) -> None:
        super().__init__(f"{message} {remedy}")
        self.code: Code = code
        self.message = message
        self.remedy = remedy

    def to_json(self) -> dict[str, str]:
        """The refusal as plain JSON, in the words of result.json."""
        return {"code": self.code, "message": self.message, "remedy": self.remedy}
