"""A session ends when what it was given for changes."""

import pytest
from django.test import Client

from governance.errors import Invalid
from governance.people.services import new_password, set_roles

pytestmark = pytest.mark.django_db
ANY_PAGE = "/api/v1/jobs"


def two_browsers(person):
    browsers = Client(), Client()
    for browser in browsers:
        browser.force_login(person)
        assert browser.get(ANY_PAGE).status_code == 200
    return browsers


def test_a_new_password_signs_every_browser_out(folk):
    browsers = two_browsers(folk.operator)
    new_password(user=folk.operator)
    assert [browser.get(ANY_PAGE).status_code for browser in browsers] == [401, 401]


def test_a_change_of_roles_signs_every_browser_out(folk):
    browsers = two_browsers(folk.operator)
    set_roles(user=folk.operator, roles=["operator", "auditor"])
    assert [browser.get(ANY_PAGE).status_code for browser in browsers] == [401, 401]


def test_the_same_roles_in_another_order_keep_a_session(folk):
    browser, _ = two_browsers(folk.both)
    set_roles(user=folk.both, roles=folk.both.roles[::-1])
    assert browser.get(ANY_PAGE).status_code == 200


def test_a_person_who_left_is_signed_out(folk):
    browser, _ = two_browsers(folk.operator)
    folk.operator.is_active = False
    folk.operator.save()
    assert browser.get(ANY_PAGE).status_code == 401


def test_a_role_that_does_not_exist_is_given_to_nobody(folk):
    with pytest.raises(Invalid, match="king"):
        set_roles(user=folk.operator, roles=["king"])
    folk.operator.refresh_from_db()
    assert folk.operator.roles == ["operator"]
