"""Withdrawing a model from its page, and what is said while it goes."""

import pytest
from django.test import Client
from django.urls import reverse

from governance.console.waiting import blocker
from governance.console.withdrawn import of_withdrawn
from governance.lineage.models import Deployment
from tests.console import places
from tests.console.world import World

pytestmark = pytest.mark.django_db


def page(client: Client, house: World, who: str) -> str:
    client.force_login(house.people[who])
    return client.get(places.address(house, "model")).content.decode()


@pytest.mark.parametrize(
    ("who", "offered"), [("officer", True), ("ann", True), ("operator", False), ("auditor", False)]
)
def test_withdrawal_is_offered_to_officers_and_approvers(client: Client, house: World, who: str, offered: bool):
    assert ("do/withdraw_model/" in page(client, house, who)) is offered


def test_a_withdrawn_model_says_so_and_what_it_waits_for(client: Client, house: World):
    client.force_login(house.people["officer"])
    client.post(reverse("console:do", args=["withdraw_model", house.tumour.ref]), {"reason": "Of no more use."})
    house.tumour.refresh_from_db()
    assert house.tumour.withdrawn_at is not None
    text = page(client, house, "officer")
    assert "Withdrawn on" in text
    assert "do/withdraw_model/" not in text


def test_a_character_that_no_database_keeps_is_refused_in_words_and_changes_nothing(client: Client, house: World):
    client.force_login(house.people["officer"])
    withdraw = reverse("console:do", args=["withdraw_model", house.tumour.ref])
    for answer in (client.post(withdraw, {"reason": "a\0b"}), client.get("/console/models/%00/")):
        assert answer.status_code == 400 and "no text or number that can be kept" in answer.content.decode()
    house.tumour.refresh_from_db()
    assert house.tumour.withdrawn_at is None


def test_without_a_reason_nothing_is_withdrawn(client: Client, house: World):
    client.force_login(house.people["officer"])
    client.post(reverse("console:do", args=["withdraw_model", house.tumour.ref]), {"reason": " "})
    house.tumour.refresh_from_db()
    assert house.tumour.withdrawn_at is None


def test_a_request_whose_models_only_release_was_withdrawn_says_what_can_be_done(house: World):
    request = house.requests["scoped"]
    model = request.dispositions.filter(plan=None).first().checkpoint.model
    model.checkpoints.update(status="superseded")
    assert f"The only release of the model {model.name} was withdrawn: withdraw the model" in blocker(request).why


def test_a_withdrawn_model_waits_for_whoever_serves_it(house: World):
    client = Client()
    client.force_login(house.people["officer"])
    client.post(reverse("console:do", args=["withdraw_model", house.digits.ref]), {"reason": "Of no more use."})
    house.digits.refresh_from_db()
    serving = house.digits.checkpoints.exclude(status="destroyed").first()
    Deployment.objects.create(model=house.digits, name="kiosk", serving=serving.object_digest)
    found = of_withdrawn(house.digits)
    assert "kiosk" in found.on
    house.digits.checkpoints.update(status="destroyed")
    assert of_withdrawn(house.digits).is_over or of_withdrawn(house.digits).on == "Obelus"
