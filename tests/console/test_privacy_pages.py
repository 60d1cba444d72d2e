"""What a privacy officer reads of the privacy ledger: spent, capped, left, and what a release will cost."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from governance.console.addresses import page_of
from governance.console.pages.certificate_chart import chart_of
from governance.console.pages.drawing import drawing_of, labelled, round_values
from governance.jobs.models import BudgetCap, Certificate
from governance.lineage.models import Checkpoint, Dataset
from tests.console.world import World

pytestmark = pytest.mark.django_db


def read(client: Client, house: World, who: str, thing: object) -> str:
    client.force_login(house.people[who])
    return client.get(page_of(thing)).content.decode()


def test_a_models_page_shows_what_is_spent_what_is_left_and_the_cap_as_a_line(client: Client, house: World):
    page = read(client, house, "auditor", house.tumour)
    for words in (
        "B over its releases",
        "has been charged epsilon 1.15",
        "the cap is 3.88, so 2.73 are left",
        "fixed ",
        'class="ob-cap"',
        "For the 2 rows of the latest deletion B stopped at epsilon 0.99",
    ):
        assert words in page, words


def test_every_number_of_the_drawing_stands_in_a_table_too(client: Client, house: World):
    page = read(client, house, "officer", house.tumour)
    table = page[page.index("Every number as a table") :].split("</table>")[0]
    assert re.findall(r'data-label="What">([^<]*)<', table) == [
        "trained", "published", "2 rows deleted", "published", "2 rows deleted", "published",
    ]  # fmt: skip
    for value in re.findall(r'class="ob-value"[^>]*>([0-9.]+)<', page.split("ob-small-chart")[1].split("</svg>")[0]):
        assert f">{value}<" in table


def test_before_approval_the_release_says_what_it_will_cost(client: Client, house: World):
    page = read(client, house, "ben", house.release)
    for words in (
        "What publishing it will cost",
        "would be charged epsilon 1.30 by all that is public then, 1.15 by what is public now",
        "more releases that cost as much would fit under the cap",
        "Left under the cap",
        "Publishing less often saves more than anything else: after 52 more such deletions",
    ):
        assert words in page, words


def test_above_the_cap_the_page_says_by_how_much(client: Client, house: World):
    BudgetCap.make(model=house.digits, mu=0.3, delta=1e-5)
    page = read(client, house, "ben", house.release)
    assert "That is above the cap: it cannot be published." in page
    assert re.search(r"none: 0\.\d\d too much", page)


def test_a_request_shows_the_persons_numbers_over_all_models_once_the_scope_is_confirmed(client: Client, house: World):
    page = read(client, house, "officer", house.requests["patient_0"])
    assert "All rows of this person in 1 model: B, all releases, is epsilon 1.15." in page
    assert "Still in tumour-classifier" in page
    before = read(client, house, "officer", house.requests["fresh"])
    assert "What was given away about this person" not in before


def test_a_model_without_a_ledger_is_said_to_have_no_bound(client: Client, house: World):
    Checkpoint.objects.filter(model=house.tumour).update(ledger=None)
    assert "no number bounds what its releases give away" in read(client, house, "officer", house.tumour)
    page = read(client, house, "officer", house.requests["patient_0"])
    assert "without a bound" in page and "tumour-classifier kept no ledger" in page


def test_a_model_on_features_of_an_extractor_names_it(client: Client, house: World):
    home = house.tumour.dataset  # type: ignore[union-attr]
    Dataset.objects.filter(pk=home.pk).update(public_extractor="sha256:" + "ab" * 32)
    assert "a public extractor" in read(client, house, "auditor", house.tumour)


def test_a_ledger_that_cannot_be_priced_does_not_take_the_page_away(client: Client, house: World):
    Checkpoint.objects.filter(model=house.digits).update(ledger={"format": "obelus/ledger/9", "events": []})
    assert "cannot be priced" in read(client, house, "officer", house.digits)
    assert "cannot be priced" in read(client, house, "ben", house.release)


def test_the_headline_of_a_certificate_is_over_every_model(client: Client, house: World):
    row = Certificate.objects.get(plan=house.gate_plan)
    body = {**row.body, "format": "obelus/certificate/2"}
    body |= {name: {"mu": 0.5, "epsilon": 2.22} for name in ("b_all_models", "a_all_models")}
    body["other_models"] = [{"model": "mdl_x", "ledger": None, "group": 1, "batch": None, "ended": False}]
    Certificate.objects.filter(pk=row.pk).update(body=body)
    page = read(client, house, "ben", house.release)
    headline, own = page.index("B, all releases of every model that held the rows"), page.index("of this model</dt>")
    assert headline < own
    assert "epsilon 2.22" in page
    assert "1 other line of releases held rows of theirs, 1 of them without a ledger." in page


def test_a_drawing_stays_inside_its_frame_and_breaks_where_there_is_no_number():
    drawing = drawing_of(["1 Jan"] * 60, b=[None, *range(1, 60)], a=[None] * 60, cap=70.0)
    assert drawing is not None
    assert all(0 <= mark.x <= drawing.width and 0 <= mark.y <= drawing.height for mark in drawing.b)
    assert drawing.b_path.startswith("M") and drawing.a_path == ""
    assert drawing.cap is not None and 0 < drawing.cap < drawing.height
    assert len([mark for mark in drawing.b if mark.words]) <= 5 and len(labelled(60)) == 5
    assert drawing_of(["1 Jan"], b=[None], a=[None], cap=1.0) is None, "an infinite number has no place to be drawn"
    far = drawing_of(["1 Jan"], b=[0.1], a=[None], cap=50.0)
    assert far is not None and far.cap is None and far.cap_above
    assert round_values(3.4) == [0.0, 2.0]


def test_a_year_of_certificates_is_drawn_with_few_words_and_an_infinite_number_with_none():
    day = datetime(2026, 1, 1, tzinfo=UTC)
    bodies: list[dict[str, Any]] = [{"a": {"epsilon": 0.5}, "b": {"epsilon": 1.0 + week}} for week in range(52)]
    bodies[8]["b"] = {"epsilon": None}
    rows = [
        Certificate(body=body, unlearned_at=day + timedelta(weeks=week), effective_at=None)
        for week, body in enumerate(bodies)
    ]
    chart = chart_of(rows)
    assert chart is not None
    assert (len(chart.a), len(chart.b), len(chart.rows)) == (52, 51, 52)
    assert len(chart.days) == 8 and sum(point.words != "" for point in chart.a) == 8
    assert chart.rows[8].b == "no bound"
