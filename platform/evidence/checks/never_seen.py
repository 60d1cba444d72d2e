"""Were the never-seen rows that a verdict was reached beside named before anything ran, and were they those?

An attack compares erased rows with rows that nobody trained on. Whoever may choose these when the candidate is there
finds some among which it looks as it should. So the confirmed plan's entry names their object, and the certificate
repeats it. Trails and certificates from before this name none: then nothing is checked, nor said to have held.
"""

from __future__ import annotations

from evidence.canonical import Json
from evidence.case import Case
from evidence.faults import Fault
from evidence.unproved_families import FAMILIES

INPUT = "holdout"
ATTACKS = ("verify.linear", *(family.attacks for family in FAMILIES.values()))


def is_named(case: Case) -> bool:
    """Whether certificate or log names never-seen rows."""
    certificate = case.documents.get("certificate.json", {})
    return INPUT in certificate or any(INPUT in entry.body for entry in case.logged("plan:confirmed"))


def check_never_seen(case: Case) -> None:
    """One object, named by the log before the first attempt; no job of the case was given another in its place."""
    named = case.documents.get("certificate.json", {}).get(INPUT)
    where = "certificate.json $.holdout"
    confirmed, started = case.logged("plan:confirmed"), case.logged("attempt:started")
    for entry in confirmed:
        logged = {"object": entry.body.get(INPUT), "rows": entry.body.get("holdout_rows")}
        case.expect(Fault.NEVER_SEEN, f"{where} (entry {entry.index}, plan:confirmed)", logged, named)
        if started and started[0].seq < entry.seq:
            case.fault(Fault.NEVER_SEEN, "plan:confirmed", "before the first attempt", f"seq {entry.seq}")
    if not isinstance(named, dict):
        return
    for path, spec in sorted(case.documents.items()):
        if path.startswith("specs/") and (INPUT in spec["inputs"] or spec["engine"] in ATTACKS):
            given = spec["inputs"].get(INPUT)
            found = given.get("digest") if isinstance(given, dict) else None
            case.expect(Fault.NEVER_SEEN, f"{path} $.inputs.holdout", named["object"], found)
            if spec["engine"] in ATTACKS:
                _check_rows(case, path, spec, named["rows"])


def _check_rows(case: Case, path: str, spec: Json, there: int) -> None:
    """The first of them, as many as the policy compares with: a choice among them would be a choice, too."""
    rules = case.documents.get("policy.json", {}).get("verification")
    asked = rules.get("never_seen") if isinstance(rules, dict) else None
    manifest = spec["manifests"].get(INPUT, {})
    told = manifest.get(INPUT, [])
    wanted = min(there, asked) if isinstance(asked, int) else min(there, len(told))
    # Counted first: a number alone must not make the verifier write out a list of that length.
    if len(told) != wanted or manifest != {INPUT: list(range(wanted))}:
        case.fault(Fault.NEVER_SEEN, f"{path} $.manifests.holdout", f"the first {wanted} rows", "other rows")
