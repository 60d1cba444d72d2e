"""Is every member listed, and every listed member there, as it was; and are there exactly the members of the kind?"""

from __future__ import annotations

from evidence.bundle import INDEX, member_lines
from evidence.canonical import CanonicalError, Json, parse_canonical
from evidence.case import BEFORE, DESTRUCTION, PART_OPENINGS, Case
from evidence.checks.all_models import other_ledgers
from evidence.checks.parts import RELEASED, is_recorded, old_members
from evidence.faults import Fault
from evidence.schema import faults_of

_ALWAYS = {"log/tree-head.note", "log/entries.json"}
_KINDS = {
    "job": _ALWAYS,
    "receipt": {*_ALWAYS, "openings.json"},
    "erasure": {
        *_ALWAYS,
        *("plan.json", "policy.json", "certificate.json", "verdict.json", "approvals.json", "snapshot.json"),
        *("release/manifest.json", "release/model.sig"),
    },
}
_FORMS = {
    **{
        "log/entries.json": "entries",
        BEFORE: "entries",
        "log/heads.json": "heads",
        "release/manifest.json": "manifest",
    },
    **{f"{name}.json": name for name in ("plan", "policy", "ledger", "certificate", "verdict", "approvals")},
    **{f"{name}.json": name for name in ("snapshot", "openings", "bundle", "destruction")},
    PART_OPENINGS: "part-openings",
}
_FOLDERS = {"specs": "spec", "results": "result", "measurements": "measurements", "ledgers": "ledger", "parts": "parts"}


def check_index(case: Case) -> None:
    """Read bundle.json and compare it with the members, both ways."""
    index = read_document(case, INDEX)
    if index is None:
        return
    case.report.kind, case.report.thread = index["kind"], index["thread"]
    listed = {line["path"]: line for line in index["members"]}
    there = {line["path"]: line for line in member_lines({**case.members}) if line["path"] != INDEX}
    for path in sorted(listed.keys() - there.keys()):
        case.fault(Fault.MEMBER_LIST, path, f"the member that {INDEX} lists", "none")
    for path in sorted(there.keys() - listed.keys()):
        case.fault(Fault.MEMBER_LIST, path, "no member, it is not listed", "one")
    for path in sorted(there.keys() & listed.keys()):
        case.expect(Fault.MEMBER_DIGEST, path, listed[path], there[path])
    if [line["path"] for line in index["members"]] != sorted(listed):
        case.fault(Fault.MEMBER_LIST, INDEX, "members sorted by path, once each", "another order")


def check_documents(case: Case) -> None:
    """Read every JSON member, strictly."""
    for path in sorted(case.members):
        if path != INDEX and form_of(path) is not None:
            read_document(case, path)


def check_members(case: Case) -> None:
    """Are there exactly the members that this kind of bundle and its entries call for?"""
    wanted = wanted_members(case)
    there = set(case.members) - {INDEX, "log/heads.json"}
    if case.report.kind == "erasure":
        there = {path for path in there - {DESTRUCTION} if not path.startswith(RELEASED)}
    for path in sorted(wanted - there):
        case.fault(Fault.MEMBER_LIST, path, f"a member of every such {case.report.kind} bundle", "none")
    for path in sorted(there - wanted):
        case.fault(Fault.MEMBER_LIST, path, f"no such member in this {case.report.kind} bundle", "one")


def wanted_members(case: Case) -> set[str]:
    """The members a bundle of this kind must have, given its entries and certificate."""
    wanted = set(_KINDS[str(case.report.kind)])
    if case.report.kind == "receipt":
        return wanted
    wanted |= {f"specs/{entry.body['job']}.json" for entry in case.logged("attempt:started")}
    for entry in case.logged("job:recorded"):
        wanted.add(f"results/{entry.body['job']}.json")
        if entry.body.get("measurements"):
            wanted.add(f"measurements/{entry.body['job']}.json")
        if entry.body.get("parts"):
            wanted.add(f"parts/{entry.body['job']}.json")
    if is_recorded(case):
        wanted |= {BEFORE, *old_members(case), *openings(case)}
    if case.documents.get("certificate.json", {}).get("ledger"):
        wanted.add("ledger.json")
    return wanted | other_ledgers(case.documents.get("certificate.json", {}))


def openings(case: Case) -> set[str]:
    """Salts of the parts that stayed: with these parts always, or the file would not be held against its record.

    Whoever has the parts learns nothing more from them; nobody else gets them.
    """
    return {PART_OPENINGS} if any(path.startswith(RELEASED) for path in case.members) else set()


def form_of(path: str) -> str | None:
    """The schema that a member must fit, None for members that are not canonical JSON."""
    folder, _, name = path.partition("/")
    if folder in _FOLDERS and name.endswith(".json"):
        return _FOLDERS[folder]
    return _FORMS.get(path)


def read_document(case: Case, path: str) -> Json | None:
    """Parse one member and check its schema; keeps it, or adds why not."""
    form = form_of(path)
    if form is None or path not in case.members:
        case.fault(Fault.MEMBER_LIST, path, "a member", "none")
        return None
    try:
        document = parse_canonical(case.members[path])
    except CanonicalError as error:
        case.fault(Fault.CANONICAL_JSON, path, "canonical JSON", str(error))
        return None
    problems = faults_of(form, document)
    for place, expected in problems[:20]:
        case.fault(Fault.FORMAT, f"{path} {place}", expected, "otherwise")
    if problems:
        return None
    case.documents[path] = document
    return document
