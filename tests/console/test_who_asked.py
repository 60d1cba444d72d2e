"""Nobody sees who asked before identity is proved; afterwards a privacy officer may look, and the log knows."""

import pytest
from django.test import Client
from django.urls import reverse

from governance.actors import SYSTEM
from governance.audit.models import Entry
from governance.audit.sealing import destroy_case_key
from tests.console.world import World

pytestmark = pytest.mark.django_db
NAMED = "tumour-classifier-0004"


def reveal(client: Client, house: World, name: str):
    return client.post(reverse("console:reveal", args=[house.requests[name].ref]))


def reads() -> int:
    return Entry.objects.filter(event="report:read").count()


def test_before_identity_is_proved_nobody_is_told(client: Client, house: World):
    client.force_login(house.people["officer"])
    answer = reveal(client, house, "overdue")
    assert answer.status_code == 409
    assert b"tumour-classifier-0002" not in answer.content
    assert reads() == 0


def test_before_scope_the_page_does_not_say_whether_the_person_is_known(client: Client, house: World):
    """The page of somebody in the data and of somebody unknown differ in nothing but reference and dates."""
    client.force_login(house.people["officer"])
    pages = {}
    for name in ("fresh", "fresh_too"):
        page = client.get(reverse("console:request", args=[house.requests[name].ref])).content.decode()
        assert "nobody is told whether this person is in any data" in page
        pages[name] = "Reveal who asked" in page, "/console/models/mdl_" in page
    assert pages["fresh"] == pages["fresh_too"] == (False, False)


def test_an_officer_looks_and_the_log_says_so(client: Client, house: World):
    client.force_login(house.people["officer"])
    answer = reveal(client, house, "soon")
    assert NAMED.encode() in answer.content
    assert "no-store" in answer["Cache-Control"]
    entry = Entry.objects.get(event="report:read")
    assert entry.thread == f"read_{house.requests['soon'].ref}"
    assert NAMED.encode() not in bytes(entry.leaf)


def test_it_is_shown_once_only(client: Client, house: World):
    client.force_login(house.people["officer"])
    reveal(client, house, "soon")
    page = client.get(reverse("console:request", args=[house.requests["soon"].ref]))
    assert NAMED.encode() not in page.content


def test_nobody_but_an_officer_may_look(client: Client, house: World):
    for who in ("operator", "ann", "auditor", "stranger"):
        client.force_login(house.people[who])
        assert reveal(client, house, "soon").status_code == 403
    assert reads() == 0


def test_a_case_that_has_ended_can_still_be_read(client: Client, house: World):
    client.force_login(house.people["officer"])
    assert b"tumour-classifier-0000" in reveal(client, house, "fulfilled").content


def test_once_the_key_is_gone_it_is_said_kindly(client: Client, house: World):
    client.force_login(house.people["officer"])
    destroy_case_key(house.requests["soon"].ref, actor=SYSTEM)
    answer = reveal(client, house, "soon")
    assert answer.status_code == 410
    assert b"cannot be read by anyone" in answer.content
    assert reads() == 0
