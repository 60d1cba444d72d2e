"""Is the list of what was destroyed the one that the log counted and named?"""

from __future__ import annotations

from evidence.case import DESTRUCTION, Case
from evidence.faults import Fault


def check_destruction(case: Case) -> None:
    """The list's digest and its length, as `destruction:completed` has them."""
    completed = case.last("destruction:completed")
    if completed is None:
        case.fault(Fault.DESTRUCTION, DESTRUCTION, "an entry destruction:completed that names it", "none")
        return
    where = f"{DESTRUCTION} (entry {completed.index})"
    case.expect(Fault.DESTRUCTION, where, completed.body["list"], case.digest_of(DESTRUCTION))
    case.expect(Fault.DESTRUCTION, f"{where} items", completed.body["items"], len(case.documents[DESTRUCTION]))
