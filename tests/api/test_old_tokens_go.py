"""Tokens that ran out are taken out of the database by the tick, once a day."""

from datetime import timedelta

import pytest
from django.utils import timezone
from oauth2_provider.models import AccessToken

from governance import tick
from tests.api.conftest import token_for

pytestmark = pytest.mark.django_db


def the_chore() -> tick.Chore:
    [found] = [chore for chore in tick.chores() if chore.name == "drop expired tokens"]
    return found


def test_an_expired_token_goes_and_one_that_still_counts_stays():
    token_for("portal", "log:read")
    token_for("archive", "log:read")
    old, valid = AccessToken.objects.order_by("id")
    AccessToken.objects.filter(pk=old.pk).update(expires=timezone.now() - timedelta(seconds=1))
    the_chore().act()
    assert list(AccessToken.objects.values_list("pk", flat=True)) == [valid.pk]


def test_it_is_done_once_a_day():
    assert the_chore().every_s == 24 * 60 * 60
