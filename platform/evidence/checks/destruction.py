"""Is the list of what was destroyed the one that the log counted and named?"""

from __future__ import annotations

from evidence.canonical import Json
from evidence.case import DESTRUCTION, Case
from evidence.faults import Fault
from evidence.unproved_families import EXACT

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


def is_kept(case: Case) -> bool:
    """Whether the log says that bytes on the list stay: then the list must be shown, and these must not be theirs."""
    completed = case.last("destruction:completed")
    return completed is not None and bool(completed.body.get("kept"))


def check_kept(case: Case) -> None:
    """Not what the rows were unlearned from: who never learned from these people has no such weights.

    Of a model on a base that is sure where the parts that went had learned the rows: without these, bytes may be equal.
    """
    completed, spec = case.last("destruction:completed"), case.candidate_document("specs")
    if completed is None or spec is None:
        return
    told = "base" not in case.documents.get("certificate.json", {}) and bool(spec["manifests"].get("forget"))
    given = spec["inputs"].get("model")
    old = given.get("digest") if isinstance(given, dict) else None
    if (told or spec["engine"] in EXACT.values()) and old in _kept(completed.body):
        where = f"destruction:completed (entry {completed.index}) kept"
        case.fault(Fault.DESTRUCTION, where, "nothing that learned the rows", f"what job {spec['job']} took them from")


def is_replaced(case: Case) -> bool:
    """Whether the log says which weights were replaced; trails from before say it not, and nothing is checked."""
    completed = case.last("destruction:completed")
    return completed is not None and completed.body.get("replaced") is not None


def check_replaced(case: Case) -> None:
    """The old weights are on the list: those that the case began with, as every job of it was given them."""
    completed = case.last("destruction:completed")
    if completed is None:
        return
    where, old = f"destruction:completed (entry {completed.index}) replaced", completed.body["replaced"]
    if {"kind": "weights", "target": old} not in case.documents[DESTRUCTION]:
        case.fault(Fault.DESTRUCTION, where, "weights that the list names", old)
    made = case.candidate_document("specs")
    given = [
        (made, "model"),
        *((spec, "original") for path, spec in case.documents.items() if path.startswith("specs/")),
    ]
    for spec, name in given:
        entry = spec["inputs"].get(name) if spec else None
        if spec and isinstance(entry, dict):
            case.expect(Fault.DESTRUCTION, f"{where} (specs/{spec['job']}.json, {name})", entry.get("digest"), old)


def _kept(body: Json) -> list[Json]:
    return body.get("kept") or []
