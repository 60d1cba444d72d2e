"""Is the list of what was destroyed the one that the log counted and named?"""

from __future__ import annotations

from evidence.case import DESTRUCTION, Case
from evidence.faults import Fault

# Rows of people are never kept: nobody but they are in them.
_WEIGHTS = ("weights", "candidate", "reference")


def check_destruction(case: Case) -> None:
    """The list's digest and its length, as `destruction:completed` has them; what was kept is weights on that list."""
    completed = case.last("destruction:completed")
    if completed is None:
        case.fault(Fault.DESTRUCTION, DESTRUCTION, "an entry destruction:completed that names it", "none")
        return
    where = f"{DESTRUCTION} (entry {completed.index})"
    case.expect(Fault.DESTRUCTION, where, completed.body["list"], case.digest_of(DESTRUCTION))
    case.expect(Fault.DESTRUCTION, f"{where} items", completed.body["items"], len(case.documents[DESTRUCTION]))
    weights = {item["target"] for item in case.documents[DESTRUCTION] if item["kind"] in _WEIGHTS}
    if strange := sorted(set(completed.body.get("kept") or []) - weights):
        case.fault(Fault.DESTRUCTION, f"{where} kept", "weights that the list names", ", ".join(strange))
