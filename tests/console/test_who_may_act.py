"""Every deed by every role: a POST, with CSRF, by one of the roles of the table, or it is refused."""

import pytest
from django.test import Client
from django.urls import reverse

from governance.audit.models import Entry
from governance.people.models import User
from tests.console import places
from tests.console.world import World

pytestmark = pytest.mark.django_db


def post_deed(client: Client, house: World, deed: str) -> int:
    kind, _ = places.DEEDS[deed]
    return client.post(reverse("console:do", args=[deed, places.reference(house, kind)])).status_code


@pytest.mark.parametrize("who", [*sorted(places.ALL), "stranger"])
def test_a_deed_is_done_only_by_its_roles(client: Client, house: World, who: str):
    client.force_login(house.people[who])
    answers = {deed: post_deed(client, house, deed) for deed in places.DEEDS}
    assert answers == {deed: 302 if who in allowed else 403 for deed, (_, allowed) in places.DEEDS.items()}


def test_an_auditor_sees_no_button_that_writes_but_for_sentinels_and_writes_nothing(client: Client, house: World):
    client.force_login(house.people["auditor"])
    before = Entry.objects.count()
    for name in places.WHO:
        page = client.get(places.address(house, name)).content.decode()
        own = {"model": "plant_sentinels", "sentinel_set": "reveal_sentinels"}.get(name, "none")
        assert page.count("/console/do/") == page.count(f"/console/do/{own}/") == (own != "none")
        assert "/reveal/" not in page
        assert 'name="action"' not in page
        assert client.post(places.address(house, name)).status_code in (200, 302, 403, 405) or name == "search"
    assert Entry.objects.count() == before


def test_an_auditors_bulk_action_is_refused(client: Client, house: World):
    client.force_login(house.people["auditor"])
    row = house.requests["fresh"]
    form = {
        "action": "prove_identity",
        "_selected_action": [row.pk],
        "index": "0",
        "answered": "1",
        "method": "signed_in",
    }
    assert client.post("/console/requests/", form).status_code == 403
    row.refresh_from_db()
    assert row.status == "received"


def test_an_auditor_with_a_second_role_still_acts_in_that_role_only(client: Client, house: World):
    User.objects.filter(username="agatha").update(roles=["auditor", "operator"])
    client.force_login(User.objects.get(username="agatha"))
    assert post_deed(client, house, "cancel_job") == 302
    assert post_deed(client, house, "prove_identity") == 403


def test_a_deed_is_never_done_by_looking(client: Client, house: World):
    client.force_login(house.people["officer"])
    assert client.get(reverse("console:do", args=["confirm_plan", house.gate_plan.ref])).status_code == 405
    assert client.get(reverse("console:reveal", args=[house.requests["soon"].ref])).status_code == 405


def test_a_deed_without_the_csrf_token_is_refused(house: World):
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(house.people["operator"])
    assert careful.post(reverse("console:do", args=["cancel_job", house.running_job.ref])).status_code == 403
    house.running_job.refresh_from_db()
    assert not house.running_job.cancel_requested


def test_an_unknown_deed_is_not_found(client: Client, house: World):
    client.force_login(house.people["officer"])
    assert client.post("/console/do/destroy_everything/er_x/").status_code == 404
    assert client.post(reverse("console:do", args=["refuse", "er_none"])).status_code == 404
