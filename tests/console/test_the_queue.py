"""Requests by due date: order, chips, filters, search by reference only, bulk deeds with a result for each."""

import re

import pytest
from django.test import Client

from governance.intake.models import ErasureRequest
from tests.console.world import World

pytestmark = pytest.mark.django_db
QUEUE = "/console/requests/"


@pytest.fixture
def officer(client: Client, house: World) -> Client:
    client.force_login(house.people["officer"])
    return client


def shown(client: Client, query: str = "") -> list[str]:
    """The references in the list, in their order."""
    page = client.get(QUEUE + query).content.decode()
    return list(dict.fromkeys(re.findall(r'title="(er_[0-9a-f]{32})"', page)))


def refs(house: World, *names: str) -> set[str]:
    return {house.requests[name].ref for name in names}


def bulk(client: Client, deed: str, rows: list[ErasureRequest], **answers: str):
    form = {"action": deed, "_selected_action": [row.pk for row in rows], "index": "0", **answers}
    return client.post(QUEUE, form)


def test_what_is_due_first_comes_first_and_what_has_ended_last(officer: Client, house: World):
    order = shown(officer)
    rows = {row.ref: row for row in ErasureRequest.objects.all()}
    ended = [rows[ref].closed_at is not None for ref in order]
    assert ended == sorted(ended)
    still = [rows[ref].due_on for ref in order if not rows[ref].closed_at]
    assert still == sorted(still)
    assert len(order) == len(rows)


def test_late_and_soon_are_said_in_words(officer: Client, house: World):
    page = officer.get(QUEUE).content.decode()
    assert "overdue by" in page
    assert "days left" in page


def test_filters_by_due_date(officer: Client, house: World):
    assert set(shown(officer, "?due=overdue")) == refs(house, "overdue", "overdue_identified")
    assert refs(house, "soon", "soon_new") <= set(shown(officer, "?due=soon"))
    assert not refs(house, "overdue", "soon") & set(shown(officer, "?due=later"))


def test_filters_by_state_and_by_being_open(officer: Client, house: World):
    assert set(shown(officer, "?status__exact=refused")) == refs(house, "refused")
    assert set(shown(officer, "?show=ended")) == refs(house, "refused", "withdrawn", "fulfilled")


def test_filters_by_regime(officer: Client, house: World):
    assert len(shown(officer, f"?regime={house.pack.pk}")) == len(house.requests)
    assert shown(officer, "?regime=999999") == []


def test_search_finds_a_reference_and_nothing_else(officer: Client, house: World):
    row = house.requests["soon"]
    assert shown(officer, f"?q={row.ref[:12]}") == [row.ref]
    assert shown(officer, "?q=tumour-classifier-0004") == []
    assert shown(officer, f"?q={row.subject_index}") == []


def test_a_bulk_deed_asks_first_and_changes_nothing_yet(officer: Client, house: World):
    row = house.requests["fresh"]
    answer = bulk(officer, "prove_identity", [row])
    assert answer.status_code == 200
    assert b"How was identity proved?" in answer.content
    row.refresh_from_db()
    assert row.status == "received"


def test_a_bulk_deed_says_of_each_what_became_of_it(officer: Client, house: World):
    rows = [house.requests[name] for name in ("fresh", "fulfilled", "overdue")]
    page = bulk(officer, "prove_identity", rows, answered="1", method="signed_in").content.decode()
    assert "2 of 3 done" in page
    assert page.count("Nothing was changed.") == 1
    assert "is &#x27;fulfilled&#x27;" in page
    states = {row.pk: ErasureRequest.objects.get(pk=row.pk).status for row in rows}
    assert list(states.values()) == ["identified", "fulfilled", "identified"]


def test_a_bulk_refusal_takes_its_ground_to_each(officer: Client, house: World):
    row = house.requests["fresh_too"]
    bulk(officer, "refuse", [row], answered="1", ground="excessive", reason="The tenth this week.")
    row.refresh_from_db()
    assert (row.status, row.refusal_ground) == ("refused", "excessive")


def test_a_bulk_answer_left_empty_changes_nothing(officer: Client, house: World):
    page = bulk(officer, "refuse", [house.requests["fresh"]], answered="1", ground="", reason="").content.decode()
    assert "0 of 1 done" in page
    assert ErasureRequest.objects.get(pk=house.requests["fresh"].pk).status == "received"


def test_confirming_scope_in_bulk_finds_the_models(officer: Client, house: World):
    row = house.requests["soon"]
    page = bulk(officer, "confirm_scope", [row], answered="1").content.decode()
    assert "1 of 1 done" in page
    assert row.dispositions.count() == 1
