"""Giving a model up, and saying that a deployment serves nothing any more."""

import pytest

from governance.lineage.models import Deployment
from tests.operation import things

pytestmark = pytest.mark.django_db
JSON = "application/json"


def test_an_officer_withdraws_a_model_once_and_must_say_why(as_):
    model = things.checkpoint().model
    path = f"/api/v1/models/{model.ref}/withdraw"
    officer = as_("officer")
    assert officer.post(path, {}, JSON).status_code == 422
    answer = officer.post(path, {"reason": "Of no more use."}, JSON)
    assert (answer.status_code, bool(answer.json()["withdrawn_at"])) == (200, True)
    again = officer.post(path, {"reason": "Of no more use."}, JSON)
    assert (again.status_code, again.json()["code"]) == (409, "already_withdrawn")


def test_an_approver_may_withdraw_and_an_operator_may_not(as_):
    path = f"/api/v1/models/{things.checkpoint().model.ref}/withdraw"
    assert as_("operator").post(path, {"reason": "x"}, JSON).status_code == 403
    assert as_("approver").post(path, {"reason": "x"}, JSON).status_code == 200


def test_a_deployment_says_itself_that_it_stopped(machine):
    checkpoint = things.checkpoint()
    place = Deployment.objects.create(model=checkpoint.model, name="ward 3", serving=checkpoint.object_digest)
    answer = machine("deployments:report").post(f"/api/v1/deployments/{place.ref}/stop", {}, JSON)
    assert (answer.status_code, answer.json()["serving"]) == (200, "")
    place.refresh_from_db()
    assert (place.serving, place.reported_at is not None) == ("", True)
