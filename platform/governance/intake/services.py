"""The doors of intake, in one place; each is one transaction with its audit entries."""

from governance.intake.closing import fulfil_if_done, refuse, remove_records, withdraw
from governance.intake.receiving import prove_identity, receive
from governance.intake.scope import confirm_scope

__all__ = [
    "confirm_scope",
    "fulfil_if_done",
    "prove_identity",
    "receive",
    "refuse",
    "remove_records",
    "withdraw",
]
