"""The headline over every model that held the rows: is it what the ledgers of all of them come to?

The certificate names the other lines of releases by the digest of their ledgers, and the bundle carries those. That
the list is whole is lineage's word, in the certificate and so in the log; what it comes to is computed here.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from evidence.canonical import Json
from evidence.case import Case
from evidence.faults import Fault
from evidence.pricing import PricingError, bound_of, jointly, line_bounds, numbers_of, own_bounds

if TYPE_CHECKING:
    from unlearning.accounting import GdpBound

Bounds = tuple["GdpBound", "GdpBound"]
SECOND = "obelus/certificate/2"
_ADDED = ("a_all_models", "b_all_models", "other_models")


def ledger_path(digest: str) -> str:
    """Where a bundle keeps another line's ledger."""
    return f"ledgers/{digest.removeprefix('sha256:')}.json"


def other_ledgers(certificate: Json) -> set[str]:
    """The members that a certificate's other models call for."""
    return {ledger_path(line["ledger"]) for line in certificate.get("other_models", []) if line["ledger"]}


def check_all_models(case: Case, certificate: Json) -> None:
    """The two numbers over all models, from the certificate's own and the other lines' ledgers."""
    if certificate["format"] != SECOND:
        # The first format said it in a sentence only: a number there would be one that nobody computes again.
        for name in (name for name in _ADDED if name in certificate):
            case.fault(Fault.FORMAT, f"certificate.json $.{name}", f"no such value, as only {SECOND} has it", "one")
        return
    missing = [name for name in _ADDED if name not in certificate]
    for name in missing:
        case.fault(Fault.FORMAT, f"certificate.json $.{name}", f"a value, as {SECOND} has", "none")
    if missing:
        return
    own = _own(case, certificate)
    found = [_bounds(case, number, line) for number, line in enumerate(certificate["other_models"])]
    others = [bounds for bounds in found if bounds is not None]
    if own is not None and len(others) == len(found):
        for place, name in enumerate(("a", "b")):
            joint = jointly([own[place], *(bounds[place] for bounds in others)])
            _compare(case, certificate, f"{name}_all_models", joint)


def _own(case: Case, certificate: Json) -> Bounds | None:
    """The certificate's own line; None where its numbers are a fault already."""
    if certificate["ledger"] is None:
        return bound_of(_claimed(certificate["a"])), bound_of(_claimed(certificate["b"]))
    ledger = case.documents.get("ledger.json")
    if ledger is None:
        return None
    job = case.candidate.body["job"] if case.candidate else None
    batch = job if any(event.get("batch") == job for event in events_of(ledger)) else None
    try:
        return own_bounds(ledger, group=certificate["group"], batch=batch)
    except PricingError:
        return None


def events_of(ledger: Json) -> list[Json]:
    """The events of a ledger that are objects; what else stands there is for the accountant to refuse."""
    events = ledger.get("events")
    return [event for event in events if isinstance(event, dict)] if isinstance(events, list) else []


def _claimed(bound: Json) -> float | None:
    return float(bound["mu"]) if isinstance(bound["mu"], (int, float)) else None


def _bounds(case: Case, number: int, line: Json) -> Bounds | None:
    """(A, B) that one other line adds; None, and a fault, where it cannot be said."""
    where = f"certificate.json $.other_models[{number}]"
    a = b = bound_of(None)
    if line["ledger"] is not None:
        path = ledger_path(line["ledger"])
        same = case.expect(Fault.LEDGER, f"{path} (the other model's ledger)", line["ledger"], case.digest_of(path))
        ledger = case.documents.get(path)
        if ledger is None or not same:
            return None
        _check_group(case, where, ledger, line["group"])
        try:
            a, b = line_bounds(ledger, group=line["group"], batch=line["batch"])
        except PricingError as error:
            case.fault(Fault.CERTIFICATE, where, "a ledger with a price", str(error))
            return None
    # A line that ended publishes nothing later; what it has published stays in B.
    return (bound_of(0.0) if line["ended"] else a), b


def _check_group(case: Case, where: str, ledger: Json, group: int) -> None:
    most = ledger["problem"].get("contribution_cap") if isinstance(ledger.get("problem"), dict) else None
    if isinstance(most, int) and group < most:
        case.fault(Fault.CERTIFICATE, f"{where}.group", f"all rows of a person, {most} at least", group)


def _compare(case: Case, certificate: Json, name: str, joint: GdpBound) -> None:
    for number, wanted in numbers_of(joint, delta=certificate["delta"]).items():
        found = certificate[name][number]
        if not equal(wanted, found):
            where = f"certificate.json $.{name}.{number} (recomputed over all models)"
            case.fault(Fault.CERTIFICATE, where, wanted, found)


def equal(wanted: Json, found: Json) -> bool:
    """Whether two claimed numbers are one: another machine's exp and log may differ in the last digits only."""
    if isinstance(wanted, (int, float)) and isinstance(found, (int, float)):
        return math.isclose(wanted, found, rel_tol=1e-9, abs_tol=1e-12)
    if wanted is None or found is None:
        return {wanted, found} <= {None, "infinite"}
    return bool(wanted == found)
