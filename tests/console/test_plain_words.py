"""Numbers and dates as sentences, and the two forms of a plan as bars."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.console import due, wording
from governance.console.pages.certificate_chart import nice
from governance.console.pages.comparing import routes_of
from governance.intake.models import ErasureRequest, RegimePack


def test_epsilon_is_told_as_odds():
    words = wording.epsilon_words(0.5, 1e-5)
    assert words.startswith("epsilon 0.50 at delta 1e-5: ")
    assert "factor of at most 1.65" in words
    assert "1 in 100,000" in words


def test_no_bound_is_never_told_as_a_number():
    assert "nothing is promised" in wording.epsilon_words(None, 1e-5)


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "under a second"), (61, "61 s"), (600, "10 min"), (9000, "2.5 h"), (400000, "5 days")]
)
def test_durations_are_told_in_a_fitting_unit(seconds: float, words: str):
    assert wording.duration(seconds) == words


def test_names_are_listed_as_people_say_them():
    assert wording.listed(["Ann"]) == "Ann"
    assert wording.listed(["Ann", "Ben"]) == "Ann and Ben"
    assert wording.listed(["Ann", "Ben", "Cleo"], "or") == "Ann, Ben or Cleo"


def request_due(on: date, status: str = "received", closed: datetime | None = None) -> ErasureRequest:
    pack = RegimePack(law="gdpr", version=1, zone="Pacific/Auckland")
    return ErasureRequest(due_on=on, status=status, closed_at=closed, pack=pack)


def test_a_deadline_is_counted_in_the_regimes_own_zone(monkeypatch: pytest.MonkeyPatch):
    evening = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)  # already 2 March in Auckland
    monkeypatch.setattr(due, "datetime", SimpleNamespace(now=evening.astimezone))
    assert due.due_of(request_due(date(2026, 3, 2))).words == "due today"
    assert due.due_of(request_due(date(2026, 3, 1))).words == "overdue by 1 day"
    assert due.due_of(request_due(date(2026, 3, 9))).tone == "soon"
    assert due.due_of(request_due(date(2026, 3, 10))).tone == "calm"


def test_what_ended_after_its_date_is_told_so():
    late = request_due(date(2026, 3, 1), "fulfilled", datetime(2026, 3, 4, tzinfo=UTC))
    assert due.due_of(late).words == "ended 3 days late"


def test_a_plan_without_a_deletion_shows_that_route_as_not_open():
    choice = {"route": "retrain", "delete_cost_s": None, "delete_steps": None, "retrain_cost_s": 40.0}
    delete, retrain = routes_of({"inputs": {"steps_learn": 60}, "choice": choice})
    assert (delete.open, delete.chosen, retrain.chosen, retrain.share) == (False, False, True, 100)


def test_routes_listed_one_by_one_are_shown_too():
    route = {"engine": "recipe", "rung": "retrained", "feasible": True, "steps": 10, "cost_s": 5.0}
    (shown,) = routes_of({"routes": [route], "choice": "recipe"})
    assert shown.chosen
    assert shown.cost == "5 s"


def test_a_plan_by_recipe_has_no_bars_to_compare():
    assert routes_of({"choice": {"route": "retrain", "reason": "no ledger"}}) == []


@given(st.floats(min_value=1e-6, max_value=1e6))
def test_a_charts_top_is_never_below_its_highest_point(value: float):
    assert value <= nice(value) <= max(0.001, 2.6 * value)
