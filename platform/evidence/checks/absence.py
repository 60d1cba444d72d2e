"""Is every erased record proved to be absent from the new snapshot?"""

from __future__ import annotations

from evidence.case import Case, anchor
from evidence.faults import Fault
from evidence.snapshot_form import absence_from_json, head_from_json
from evidence.snapshots import verify_absence
from evidence.strict_base64 import Base64Error

SNAPSHOT = "snapshot.json"
_NAMED_BY = ("certificate:issued", "destruction:completed", "certificate:effective")


def check_snapshot(case: Case) -> None:
    """The logged document; one proof per row the plan forgot."""
    document = case.documents[SNAPSHOT]
    anchor(
        case,
        Fault.SNAPSHOT,
        key="snapshot",
        path=SNAPSHOT,
        events=("certificate:issued", "destruction:completed", "certificate:effective"),
    )
    head = head_from_json(document["new"])
    for number, line in enumerate(document["absences"]):
        try:
            proved = verify_absence(absence_from_json(line), head=head)
        except Base64Error:
            proved = False
        if not proved:
            where = f"{SNAPSHOT} $.absences[{number}]"
            case.fault(Fault.SNAPSHOT, where, "proof that the record is absent", "none that holds")
    rids = [line["rid"] for line in document["absences"]]
    case.expect(Fault.SNAPSHOT, f"{SNAPSHOT} records, sorted and once each", sorted(set(rids)), rids)
    if "plan.json" in case.documents:
        rows = case.documents["plan.json"]["inputs"]["batch_rows"]
        case.expect(Fault.SNAPSHOT, f"{SNAPSHOT} number of records erased", rows, len(rids))
