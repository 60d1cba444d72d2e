"""A release on the rung of retraining: was it trained on the rows that stay, as the snapshot with its proofs has them?

Number A is 0 there, so this must not be the house's word: a training that was given the old rows, or the old weights,
is no retraining. The entry snapshot:taken names the object that was taken without the rows; its root is the one in
which the absence proofs are made.
"""

from __future__ import annotations

from collections.abc import Iterator

from evidence.canonical import Json
from evidence.case import Case, Logged
from evidence.faults import Fault

# Of a plan with a ledger, which names no engine.
_WITH_LEDGER = "certified.train"


def check_retraining(case: Case, plan: Json) -> None:
    """The engine that trains this model, given all rows of that object and no others, and no weights to begin with."""
    spec = case.candidate_document("specs")
    if spec is None:
        return
    where, taken = f"specs/{spec['job']}.json", taken_without(case)
    wanted = plan["inputs"].get("engine", _WITH_LEDGER)
    case.expect(Fault.PLAN, f"{where} $.engine (plan.json)", wanted, spec["engine"])
    if taken is None:
        case.fault(Fault.PLAN, where, "an entry snapshot:taken that names the rows that are left", "none")
        return
    retain = spec["manifests"].get("retain")
    name, told = next(iter(retain.items())) if isinstance(retain, dict) and len(retain) == 1 else ("", [])
    case.expect(Fault.PLAN, f"{where} $.inputs, its rows", taken.body.get("object"), _digest(spec, name))
    rows = taken.body.get("rows")
    # Counted first: a number alone must not make the verifier write out a list of that length.
    if rows != len(told) or spec["manifests"] != {"retain": {name: list(range(len(told)))}}:
        case.fault(Fault.PLAN, f"{where} $.manifests", f"all {rows} rows of that snapshot", "other rows")
    if "model" in spec["inputs"]:
        case.fault(Fault.PLAN, f"{where} $.inputs.model", "no weights to begin with", str(_digest(spec, "model")))


def taken_without(case: Case) -> Logged | None:
    """The entry that names the object without the rows, held against the snapshot that the proofs are about."""
    taken, document = case.last("snapshot:taken"), case.documents.get("snapshot.json")
    if taken is not None and document is not None:
        where = f"snapshot:taken (entry {taken.index})"
        for name, wanted in (("root", document["new"]["root"]), ("rows", document["new"]["size"])):
            case.expect(Fault.SNAPSHOT, f"{where} {name} (snapshot.json)", wanted, taken.body.get(name))
    if taken is not None and taken.body.get("object") in set(_with_the_rows(case)):
        case.fault(Fault.SNAPSHOT, "snapshot:taken object", "one without the rows", "one that jobs find them in")
    return taken


def _with_the_rows(case: Case) -> Iterator[Json]:
    """Objects in which jobs of the case were told which rows to forget, or to attack."""
    for path, spec in case.documents.items():
        if path.startswith("specs/"):
            yield from (_digest(spec, name) for name in spec["manifests"].get("forget", {}))


def _digest(spec: Json, name: str) -> Json:
    entry = spec["inputs"].get(name)
    return entry.get("digest") if isinstance(entry, dict) else None
