"""Is every erased record proved to be absent from the new snapshot, and was it in the old one?"""

from __future__ import annotations

from evidence.canonical import Json
from evidence.case import Case, anchor
from evidence.faults import Fault
from evidence.snapshot_form import absence_from_json, head_from_json, presence_from_json
from evidence.snapshots import SnapshotHead, verify_absence, verify_presence
from evidence.strict_base64 import Base64Error

SNAPSHOT = "snapshot.json"
_NAMED_BY = ("certificate:issued", "destruction:completed", "certificate:effective")


def check_snapshot(case: Case) -> None:
    """The logged document; one proof per row the plan forgot, and the sizes that follow."""
    document = case.documents[SNAPSHOT]
    anchor(case, Fault.SNAPSHOT, key="snapshot", path=SNAPSHOT, events=_NAMED_BY)
    head = head_from_json(document["new"])
    for number, line in enumerate(document["absences"]):
        if not _is_absent(line, head):
            where = f"{SNAPSHOT} $.absences[{number}]"
            case.fault(Fault.SNAPSHOT, where, "proof that the record is absent", "none that holds")
    rids = [line["rid"] for line in document["absences"]]
    case.expect(Fault.SNAPSHOT, f"{SNAPSHOT} records, sorted and once each", sorted(set(rids)), rids)
    if "presences" in document:
        _check_presences(case, document, rids)
    if "plan.json" in case.documents:
        _check_sizes(case, document, case.documents["plan.json"])


def _check_presences(case: Case, document: Json, rids: list[str]) -> None:
    """An id that was never there is absent too: proofs in the old snapshot show that the absences are removals."""
    head = head_from_json(document["old"])
    for number, line in enumerate(document["presences"]):
        if not _is_present(line, head):
            where = f"{SNAPSHOT} $.presences[{number}]"
            case.fault(Fault.SNAPSHOT, where, "proof that the record was in the old snapshot", "none that holds")
    there = [line["rid"] for line in document["presences"]]
    case.expect(Fault.SNAPSHOT, f"{SNAPSHOT} records of the presences", rids, there)


def _check_sizes(case: Case, document: Json, plan: Json) -> None:
    """The new snapshot lacks the rows of the plan and, where the plan knows what the model learned from, no others."""
    rows, count = plan["inputs"]["batch_rows"], len(document["absences"])
    old, new = document["old"]["size"], document["new"]["size"]
    if not case.expect(Fault.SNAPSHOT, f"{SNAPSHOT} number of records erased", rows, count):
        return
    if plan["format"] == "obelus/plan/1" and plan["choice"]["route"] in ("certified.delete", "retrain"):
        case.expect(Fault.SNAPSHOT, f"{SNAPSHOT} rows of the old snapshot less those of the new", count, old - new)
    elif new > old:
        case.fault(Fault.SNAPSHOT, f"{SNAPSHOT} $.new.size", f"at most {old}", new)


def _is_absent(line: Json, head: SnapshotHead) -> bool:
    try:
        return verify_absence(absence_from_json(line), head=head)
    except Base64Error:
        return False


def _is_present(line: Json, head: SnapshotHead) -> bool:
    try:
        return verify_presence(presence_from_json(line), head=head)
    except Base64Error:
        return False
