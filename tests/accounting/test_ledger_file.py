"""The ledger file: events apart from their price, read strictly, kept for ever."""

import json
import math
from dataclasses import FrozenInstanceError
from typing import Any

import pytest
import rfc8785

from unlearning.accounting import (
    AccountingError,
    Deleted,
    Destroyed,
    DrawDiscarded,
    DrawsSeen,
    Effective,
    Inserted,
    Ledger,
    Problem,
    Released,
    Retrained,
    Steps,
    Trained,
    price,
)

STORY = (
    DrawDiscarded(attempt=1, cause="crash"),
    Trained(steps=60, job="job_1"),
    Released(release="rel_1"),
    Deleted(records=12, batch="job_2"),
    DrawDiscarded(attempt=1, cause="lease_lost"),
    DrawsSeen(draws=2),
    Steps(steps=22, job="job_2"),
    Released(release="rel_2"),
    Deleted(records=1, batch="job_3"),
    Retrained(steps=60, job="job_3"),
    Inserted(records=2, batch="job_4"),
    Destroyed(at="2026-11-20T23:00:00.123456Z"),
    Effective(at="2026-11-20T23:00:00Z"),
)

# Written by the first version. It must be readable, and cost the same, for ever: never edit it.
GOLDEN = (
    '{"events":[{"event":"trained","job":"job_1","steps":60,"version":1},'
    '{"event":"released","release":"rel_1","version":1},'
    '{"batch":"job_2","event":"deleted","records":12,"version":1},'
    '{"attempt":1,"cause":"crash","event":"draw_discarded","seen":false,"version":1},'
    '{"event":"steps","job":"job_2","steps":22,"version":1},'
    '{"at":"2026-11-20T23:00:00Z","event":"destroyed","version":1},'
    '{"at":"2026-11-20T23:00:00Z","event":"effective","version":1}],'
    '"format":"obelus/ledger/1",'
    '"problem":{"adjacency":"zero_out","assumption":"strongly_convex","beta":0.25,"classes":2,"contribution_cap":1,'
    '"eta":1,"features":31,"lam":0.1,"lipschitz":1,"n":569,"norm_bound":1,"rho":1.3e-15,"sigma":0.01,'
    '"theta_bound":10}}'
)

# The first ledger of the second format: cyclic mini-batches, a loss by name, slots left free for people to come.
SECOND = (
    '{"events":[{"event":"trained","job":"job_1","steps":45,"version":1},'
    '{"event":"released","release":"rel_1","version":1},'
    '{"batch":"job_2","event":"deleted","records":12,"version":1},'
    '{"batch":"job_2","event":"inserted","records":8,"version":1},'
    '{"event":"steps","job":"job_2","steps":18,"version":1}],'
    '"format":"obelus/ledger/2",'
    '"problem":{"adjacency":"zero_out","assumption":"strongly_convex","batch":64,"beta":0.25,"classes":2,'
    '"contribution_cap":1,"eta":1,"features":31,"lam":0.1,"lipschitz":1,"loss":"one_vs_rest","n":569,"norm_bound":1,'
    '"rho":1.3e-15,"rows":560,"sigma":0.1,"theta_bound":10}}'
)


def changed(change: dict[str, Any], at: int | None = None) -> str:
    """The golden file with fields of its problem, or of one event, replaced; None removes a field."""
    value = json.loads(GOLDEN)
    target = value["problem"] if at is None else value["events"][at]
    target.update(change)
    for name in [name for name, new in change.items() if new is None]:
        del target[name]
    return json.dumps(value)


def refusal_code(text: str) -> str:
    with pytest.raises(AccountingError) as refusal:
        Ledger.from_json(text)
    return refusal.value.code


def test_a_ledger_survives_the_round_trip_also_in_canonical_form(problem: Problem) -> None:
    ledger = Ledger(problem=problem, events=STORY)
    assert Ledger.from_json(ledger.to_json()) == ledger
    assert Ledger.from_json(rfc8785.dumps(ledger.to_dict())) == ledger


def test_the_first_ledger_ever_written_still_costs_the_same() -> None:
    cost = price(Ledger.from_json(GOLDEN), delta=1e-5)
    assert (cost.b.mu, cost.b_before.mu, cost.a.mu) == pytest.approx((0.540716, 0.540716, 0.053248), rel=1e-5)


def test_the_first_ledger_of_the_second_format_still_costs_the_same_and_is_written_back_byte_for_byte() -> None:
    ledger = Ledger.from_json(SECOND)
    cost = price(ledger, delta=1e-5)
    assert (cost.b.mu, cost.b_before.mu, cost.a.mu) == pytest.approx((0.1153337, 0.1153337, 0.01169713), rel=1e-5)
    assert json.loads(ledger.to_json()) == json.loads(SECOND)
    assert (ledger.rows, ledger.removed, ledger.format) == (556, 12, "obelus/ledger/2")


def test_a_problem_that_needs_nothing_new_is_still_written_in_the_first_format(problem: Problem) -> None:
    assert Ledger(problem=problem, events=STORY).format == "obelus/ledger/1"
    assert not {"batch", "loss", "rows"} & Ledger(problem=problem).to_dict()["problem"].keys()
    assert Problem.from_json(problem.to_json()) == problem


def test_events_are_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        STORY[1].steps = 3  # type: ignore[attr-defined, misc]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (changed({"event": "blessed"}, at=0), "UNKNOWN_EVENT"),
        (changed({"version": 2}, at=0), "UNKNOWN_EVENT"),
        (changed({"version": True}, at=0), "UNKNOWN_EVENT"),
        (changed({"event": None}, at=0), "UNKNOWN_EVENT"),
        (changed({"note": "x"}, at=0), "LEDGER_MALFORMED"),
        (changed({"steps": None}, at=0), "LEDGER_MALFORMED"),
        (changed({"steps": 60.5}, at=0), "LEDGER_MALFORMED"),
        (changed({"steps": 0}, at=0), "LEDGER_MALFORMED"),
        (changed({"steps": True}, at=0), "LEDGER_MALFORMED"),
        (changed({"records": -1}, at=2), "LEDGER_MALFORMED"),
        (changed({"records": 569}, at=2), "EMPTY_DATASET_AFTER_DELETION"),
        (changed({"cause": "a bad feeling"}, at=3), "LEDGER_MALFORMED"),
        (changed({"seen": 0}, at=3), "LEDGER_MALFORMED"),
        (changed({"at": "yesterday"}, at=5), "LEDGER_MALFORMED"),
        (changed({"sigma": None}), "LEDGER_MALFORMED"),
        (changed({"temperature": 1}), "LEDGER_MALFORMED"),
        (changed({"lam": "0.1"}), "LEDGER_MALFORMED"),
        (changed({"n": 569.0}), "LEDGER_MALFORMED"),
        (changed({"norm_bound": 0}), "LEDGER_MALFORMED"),
        (changed({"sigma": math.inf}), "NOT_FINITE"),
        (changed({"sigma": math.nan}), "NOT_FINITE"),
        (GOLDEN.replace('"sigma":0.01', '"sigma":1e999'), "NOT_FINITE"),
        (GOLDEN.replace('"sigma":0.01', '"sigma":' + "9" * 5000), "LEDGER_MALFORMED"),
        (GOLDEN.replace('"sigma":0.01', '"sigma":' + "9" * 400), "NOT_FINITE"),
        (changed({"sigma": 0}), "SIGMA_NOT_POSITIVE"),
        (changed({"eta": 9}), "ETA_TOO_LARGE"),
        (changed({"adjacency": "nobody"}), "LEDGER_MALFORMED"),
        (changed({"adjacency": []}), "LEDGER_MALFORMED"),
        (GOLDEN.replace("ledger/1", "ledger/2"), "LEDGER_MALFORMED"),
        (GOLDEN.replace("ledger/1", "ledger/3"), "LEDGER_MALFORMED"),
        (changed({"batch": 64, "loss": "binary", "rows": 569}), "LEDGER_MALFORMED"),
        (SECOND.replace('"batch":64,', ""), "LEDGER_MALFORMED"),
        (SECOND.replace('"batch":64,', '"batch":0,'), "LEDGER_MALFORMED"),
        (SECOND.replace('"batch":64,', '"batch":570,'), "LEDGER_MALFORMED"),
        (SECOND.replace('"batch":64,', '"batch":64.0,'), "LEDGER_MALFORMED"),
        (SECOND.replace('"one_vs_rest"', '"hinge"'), "LEDGER_MALFORMED"),
        (SECOND.replace('"rows":560', '"rows":570'), "LEDGER_MALFORMED"),
        (SECOND.replace('"records":8', '"records":30'), "LEDGER_MALFORMED"),
        (GOLDEN.replace('"n":569', '"n":569,"n":570'), "LEDGER_MALFORMED"),
        (GOLDEN[:-1], "LEDGER_MALFORMED"),
        ("[]", "LEDGER_MALFORMED"),
        ("[" * 100_000, "LEDGER_MALFORMED"),
    ],
)
def test_a_file_that_is_not_exactly_a_ledger_gives_no_certificate(text: str, code: str) -> None:
    assert refusal_code(text) == code


def test_bytes_that_are_not_utf8_are_refused() -> None:
    with pytest.raises(AccountingError) as refusal:
        Ledger.from_json(b"\xff\xfe{}")
    assert refusal.value.code == "LEDGER_MALFORMED"


@pytest.mark.parametrize(
    "events",
    [
        (Released(release="r"),),
        (Steps(steps=1, job="j"),),
        (Retrained(steps=1, job="j"),),
        (Trained(steps=1, job="j"), Trained(steps=1, job="k")),
        (Trained(steps=1, job="j"), Deleted(records=1, batch="b"), Deleted(records=1, batch="b")),
        (Inserted(records=1, batch="b"),),
        (Trained(steps=1, job="j"), Inserted(records=1, batch="b")),
    ],
)
def test_an_order_that_cannot_have_happened_is_refused(problem: Problem, events: tuple[Any, ...]) -> None:
    with pytest.raises(AccountingError) as refusal:
        Ledger(problem=problem, events=events)
    assert refusal.value.code == "LEDGER_MALFORMED"
