"""Of weights some adapters of which went or were trained anew: is the rest as it was recorded before the case began?

The old file is destroyed. But when it was made the log got a commitment to each of its parts, and the new file's
parts are committed to under the same salts: equal commitments are equal bytes. A bundle with the released weights
carries the salts of what is left in them, so that the file itself is held against the old record.
"""

from __future__ import annotations

import io

from evidence.canonical import Json
from evidence.case import BEFORE, ENTRIES, PART_OPENINGS, Case
from evidence.commitments import opens
from evidence.events import body_faults
from evidence.faults import Fault
from evidence.parts import BASE, commitments, contents, named
from evidence.unproved_families import LANGUAGE

RELEASED = "release/weights/"
WEIGHTS = RELEASED + "model.safetensors"


def is_recorded(case: Case) -> bool:
    """Whether the certificate says that the old weights' parts were recorded; else that is the house's word."""
    return "parts" in case.documents.get("certificate.json", {})


def old_members(case: Case) -> list[str]:
    """What a bundle holds of the job that made the old weights; its specification, where the certificate names that."""
    claimed = case.documents["certificate.json"]["parts"]
    return [f"{folder}/{claimed['job']}.json" for folder in ("parts", *(["specs"] if "spec" in claimed else []))]


def check_parts(case: Case) -> None:
    """The old record is of the weights that were given to the job, from before the case; what stays is as it was."""
    claimed, spec = case.documents["certificate.json"]["parts"], case.candidate_document("specs")
    if spec is None or case.candidate is None:
        case.fault(Fault.PARTS, "certificate.json $.parts", "a recorded job that made the release", "none")
        return
    old, new = f"parts/{claimed['job']}.json", f"parts/{spec['job']}.json"
    _check_record(case, claimed, spec, old)
    case.expect(Fault.PARTS, f"{new} (job:recorded)", case.candidate.body.get("parts"), case.digest_of(new))
    if old in case.documents and new in case.documents:
        _check_same(case, spec, commitments(case.documents[old]), commitments(case.documents[new]))


def _check_record(case: Case, claimed: Json, spec: Json, old: str) -> None:
    lines = case.documents.get(BEFORE, [])
    if len(lines) != 1 or body_faults(lines[0]["entry"]["event"], lines[0]["entry"]["body"]):
        case.fault(Fault.PARTS, BEFORE, "the one entry that recorded the old weights", f"{len(lines)} entries")
        return
    [line] = lines
    body, given = line["entry"]["body"], spec["inputs"].get("model")
    began = min(entry["index"] for entry in case.documents[ENTRIES])
    if line["index"] >= began:
        case.fault(Fault.PARTS, f"{BEFORE} index", f"before the case began, at {began}", line["index"])
    case.expect(Fault.PARTS, f"{BEFORE} event", "job:recorded", line["entry"]["event"])
    case.expect(Fault.PARTS, f"{BEFORE} job", claimed["job"], body.get("job"))
    wanted = given.get("digest") if isinstance(given, dict) else None
    case.expect(Fault.PARTS, f"{BEFORE} weights (specs)", wanted, body.get("weights"))
    case.expect(Fault.PARTS, f"{old} ({BEFORE})", body.get("parts"), case.digest_of(old))
    case.expect(Fault.PARTS, f"{old} (certificate.json)", claimed["digest"], case.digest_of(old))


def is_told(case: Case) -> bool:
    """Whether the certificate names the specification of the training too; else its origins are the house's word."""
    return is_recorded(case) and "spec" in case.documents["certificate.json"]["parts"]


def check_origins(case: Case) -> None:
    """Which rows each part had learned is what the training was told, of the same object of rows."""
    claimed, spec = case.documents["certificate.json"]["parts"], case.candidate_document("specs")
    path = f"specs/{claimed['job']}.json"
    recorded = [line["entry"]["body"].get("spec") for line in case.documents[BEFORE]]
    for digest in (*recorded, claimed["spec"]):
        case.expect(Fault.PARTS, f"{path} (certificate.json, {BEFORE})", digest, case.digest_of(path))
    trained = case.documents.get(path)
    if trained is None or spec is None:
        case.fault(Fault.PARTS, path, "what the old weights' training and the candidate's job were told", "not both")
        return
    origins = spec["params"]["origins"]
    case.expect(Fault.PARTS, f"{path} $.engine", LANGUAGE.trains, trained["engine"])
    wanted, told = (
        {name: sorted(rows) for name, rows in of.items()} for of in (trained["params"]["parts"], origins["adapters"])
    )
    case.expect(Fault.PARTS, "origins by adapter (specs of the training)", wanted, told)
    case.expect(Fault.PARTS, "origins of the base", [], origins["base"])
    was, now = (each["inputs"].get(LANGUAGE.rows, {}).get("digest") for each in (trained, spec))
    case.expect(Fault.PARTS, "the object whose rows the origins number", was, now)


def _check_same(case: Case, spec: Json, old: dict[str, str], new: dict[str, str]) -> None:
    """No part more and none less than the specification says, and each that stays under the same commitment."""
    params = spec["params"]
    gone, anew = ({named(name) for name in params.get(key, ())} for key in ("adapters", "parts"))
    there = {BASE, *(named(name) for name in params["origins"]["adapters"])}
    case.expect(Fault.PARTS, "parts of the old weights (specs)", sorted(there), sorted(old))
    case.expect(Fault.PARTS, "parts of the new weights (specs)", sorted(there - gone | anew), sorted(new))
    for part in sorted((new.keys() & old.keys()) - gone):
        case.expect(Fault.PARTS, f"part {part}, which stays", old[part], new[part])


def check_opened(case: Case) -> None:
    """The released file's own parts open the commitments that the record has of them."""
    released = sorted(path for path in case.members if path.startswith(RELEASED))
    case.expect(Fault.PARTS, f"{RELEASED}, its files", [WEIGHTS], released)
    new = commitments(case.candidate_document("parts") or {"parts": []})
    salts = {line["part"]: bytes.fromhex(line["key_hex"]) for line in case.documents[PART_OPENINGS]}
    try:
        found = contents(io.BytesIO(case.members[WEIGHTS]))
    except (KeyError, ValueError, TypeError, AttributeError):
        case.fault(Fault.PARTS, WEIGHTS, "the packed file that was released", "none that can be read")
        return
    case.expect(Fault.PARTS, f"{PART_OPENINGS}, its parts", sorted(new), sorted(salts))
    case.expect(Fault.PARTS, f"{WEIGHTS}, its parts", sorted(new), sorted(found))
    for part in sorted(new.keys() & found.keys() & salts.keys()):
        if not opens(new[part], key=salts[part], payload=found[part]):
            case.fault(Fault.PARTS, f"{WEIGHTS}, part {part}", "what was recorded of the old weights", "another")
