"""The contract of every event there is: written once, read for ever, priced, and refused in a version nobody knows."""

import json
from dataclasses import replace
from typing import Any

import pytest

from unlearning.accounting import AccountingError, Event, Ledger, Problem, Released, Steps, Trained, price
from unlearning.accounting.known_events import EVENTS, event_from_json

# Written by the version that introduced each. They must be readable for ever: never edit a line, only add.
GOLDEN = (
    '{"event":"trained","job":"job_1","steps":60,"version":1}',
    '{"event":"released","release":"rel_1","version":1}',
    '{"batch":"job_2","event":"deleted","records":12,"version":1}',
    '{"batch":"job_2","event":"inserted","records":8,"version":1}',
    '{"event":"steps","job":"job_2","steps":22,"version":1}',
    '{"event":"retrained","job":"job_3","steps":60,"version":1}',
    '{"attempt":1,"cause":"crash","event":"draw_discarded","seen":false,"version":1}',
    '{"draws":2,"event":"draws_seen","version":1}',
    '{"at":"2026-11-20T23:00:00.123456Z","event":"destroyed","version":1}',
    '{"at":"2026-11-20T23:00:00Z","event":"effective","version":1}',
    '{"alpha":1e-06,"event":"vetoed","gate":"approvers","version":1}',
    '{"event":"iterate_kept","job":"job_1","seen":false,"step":0,"version":1}',
    '{"event":"checkpoint_kept","job":"job_1","seen":false,"version":1}',
    '{"event":"seed_kept","job":"job_1","seen":true,"version":1}',
    '{"event":"references_kept","references":5,"seen":false,"steps":60,"version":1}',
    '{"choice":"best of five","event":"chosen_by_rows","version":1}',
    '{"event":"measurement_shown","measurement":"loss curve","version":1}',
)


def story(problem: Problem, event: Event) -> Ledger:
    """A ledger in which this event may stand."""
    if isinstance(event, Trained):
        return Ledger(problem=problem, events=(event,))
    before = (Trained(steps=60, job="job_1"), Released(release="rel_0"))
    return Ledger(problem=replace(problem, rows=900), events=(*before, event, Steps(steps=5, job="job_9")))


def test_every_event_has_a_golden_line_and_every_golden_line_an_event() -> None:
    named = {(json.loads(line)["event"], json.loads(line)["version"]) for line in GOLDEN}
    assert named == set(EVENTS)


@pytest.mark.parametrize("line", GOLDEN)
def test_it_is_read_back_byte_for_byte(line: str) -> None:
    event = event_from_json(json.loads(line))
    assert json.dumps(event.to_json(), sort_keys=True, separators=(",", ":")) == line
    assert event_from_json(event.to_json()) == event


@pytest.mark.parametrize("line", GOLDEN)
def test_it_has_a_price_and_never_lowers_what_was_spent(problem: Problem, line: str) -> None:
    event = event_from_json(json.loads(line))
    ledger = story(problem, event)
    cost = price(Ledger.from_json(ledger.to_json()), delta=1e-5)
    without = price(Ledger(problem=ledger.problem, events=ledger.events[:2]), delta=1e-5)
    assert cost.b.epsilon(1e-5) >= without.b.epsilon(1e-5)
    assert cost.b.mu >= cost.a.mu


@pytest.mark.parametrize("line", GOLDEN)
@pytest.mark.parametrize("change", [{"version": 2}, {"version": 0}, {"version": "1"}, {"note": "x"}, {"event": None}])
def test_any_other_version_or_field_gives_no_certificate(line: str, change: dict[str, Any]) -> None:
    with pytest.raises(AccountingError) as refusal:
        event_from_json({**json.loads(line), **change})
    assert refusal.value.code == ("LEDGER_MALFORMED" if "note" in change else "UNKNOWN_EVENT")


@pytest.mark.parametrize("line", GOLDEN)
def test_a_missing_or_mistyped_field_gives_no_certificate(line: str) -> None:
    value = json.loads(line)
    for name in value.keys() - {"event", "version"}:
        for wrong in ({**value, name: None}, {**value, name: []}, {key: value[key] for key in value if key != name}):
            with pytest.raises(AccountingError) as refusal:
                event_from_json(wrong)
            assert refusal.value.code == "LEDGER_MALFORMED"


@pytest.mark.parametrize(
    ("event", "change", "code"),
    [
        ("vetoed", {"alpha": 0}, "LEDGER_MALFORMED"),
        ("vetoed", {"alpha": -0.1}, "LEDGER_MALFORMED"),
        ("vetoed", {"alpha": 1.5}, "LEDGER_MALFORMED"),
        ("vetoed", {"alpha": float("nan")}, "NOT_FINITE"),
        ("iterate_kept", {"step": -1}, "LEDGER_MALFORMED"),
        ("references_kept", {"references": 0}, "LEDGER_MALFORMED"),
        ("checkpoint_kept", {"job": ""}, "LEDGER_MALFORMED"),
    ],
)
def test_a_number_that_makes_no_sense_gives_no_certificate(event: str, change: dict[str, Any], code: str) -> None:
    line = next(value for value in map(json.loads, GOLDEN) if value["event"] == event)
    with pytest.raises(AccountingError) as refusal:
        event_from_json({**line, **change})
    assert refusal.value.code == code
