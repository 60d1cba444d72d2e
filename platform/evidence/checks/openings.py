"""Are the commitments in a person's own thread about this person?"""

from __future__ import annotations

from evidence.case import ENTRIES, Case
from evidence.commitments import opens
from evidence.faults import Fault


def check_openings(case: Case) -> None:
    """Each opening names an entry and a body field, and fits the commitment there."""
    bodies = {line["index"]: line["entry"]["body"] for line in case.documents[ENTRIES]}
    for number, opening in enumerate(case.documents["openings.json"]):
        found = bodies.get(opening["index"], {}).get(opening["field"])
        if not opens(found, key=bytes.fromhex(opening["key_hex"]), payload=opening["payload"]):
            where = f"openings.json [{number}] (entry {opening['index']}, {opening['field']})"
            case.fault(Fault.OPENING, where, "the payload that the log committed to", "another")
