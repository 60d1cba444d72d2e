"""Every page by every role; a page that is not in the table fails."""

import pytest
from django.test import Client
from django.urls import reverse

from governance.console.deeds import BY_NAME
from governance.console.site import site
from governance.people.models import User
from governance.people.services import create_person
from tests.console import places
from tests.console.world import World

pytestmark = pytest.mark.django_db
EVERYBODY = sorted(places.ALL)


def names_of(patterns: list) -> set[str]:
    found: set[str] = set()
    for pattern in patterns:
        found |= names_of(pattern.url_patterns) if hasattr(pattern, "url_patterns") else {pattern.name}
    return found


def test_every_route_of_the_console_stands_in_the_table():
    assert names_of(site.get_urls()) == set(places.WHO) | places.POSTED | places.OPEN_TO_ALL


def test_every_deed_stands_in_the_table():
    assert set(BY_NAME) == set(places.DEEDS)


@pytest.mark.parametrize("who", EVERYBODY)
def test_a_role_opens_its_pages_and_no_other(client: Client, house: World, who: str):
    client.force_login(house.people[who])
    answers = {name: client.get(places.address(house, name)).status_code for name in places.WHO}
    assert answers == {name: 200 if who in allowed else 403 for name, allowed in places.WHO.items()}


def test_a_stranger_without_a_role_is_turned_away_everywhere(client: Client, house: World):
    client.force_login(house.people["stranger"])
    assert {client.get(places.address(house, name)).status_code for name in places.WHO} == {403}
    assert b"no role here" in client.get("/console/").content


def test_being_staff_or_superuser_gives_nothing(client: Client, house: World):
    User.objects.filter(username="sam").update(is_staff=True, is_superuser=True)
    client.force_login(User.objects.get(username="sam"))
    assert client.get("/console/").status_code == 403
    assert client.get(places.address(house, "request")).status_code == 403


def test_whoever_is_not_signed_in_is_asked_to(client: Client, house: World):
    for name in places.WHO:
        answer = client.get(places.address(house, name))
        assert answer.status_code == 302
        assert answer["Location"].startswith("/console/login/")


def test_a_person_who_left_opens_nothing(client: Client, house: World):
    client.force_login(house.people["officer"])
    User.objects.filter(username="olivia").update(is_active=False)
    assert client.get("/console/").status_code == 302


def test_a_role_taken_away_ends_the_session_at_once(client: Client, house: World):
    client.force_login(house.people["officer"])
    User.objects.filter(username="olivia").update(roles=[])
    assert client.get("/console/")["Location"].startswith("/console/login/")


def test_a_role_is_enough_to_sign_in(client: Client, house: World):
    user, password = create_person(username="nadia", roles=["auditor"])
    User.objects.filter(pk=user.pk).update(is_staff=False)
    answer = client.post("/console/login/", {"username": "nadia", "password": password, "next": "/console/"})
    assert answer.status_code == 302
    assert client.get("/console/").status_code == 200


def test_without_a_role_the_right_password_signs_nobody_in(client: Client, house: World):
    answer = client.post("/console/login/", {"username": "sam", "password": house.passwords["stranger"]})
    assert b"no role here" in answer.content
    assert "_auth_user_id" not in client.session


def test_an_unknown_thing_is_not_found_and_says_so(client: Client, house: World):
    client.force_login(house.people["auditor"])
    answer = client.get(reverse("console:plan", args=["plan_none"]))
    assert answer.status_code == 404
    assert b"no such thing" in answer.content


def test_no_add_change_delete_or_history_route_of_the_admin_exists(client: Client, house: World):
    client.force_login(house.people["officer"])
    row = house.requests["fresh"]
    for tail in ("add/", f"{row.pk}/change/", f"{row.pk}/delete/", f"{row.pk}/history/"):
        assert client.get(f"/console/requests/{tail}").status_code == 404
