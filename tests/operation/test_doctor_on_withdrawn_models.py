"""A model that was given up and is still served is named by doctor, with or without an open request."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from governance.intake.models import ErasureRequest
from governance.lineage.models import Checkpoint, Deployment, TrainedModel
from governance.operation import stuck
from tests.operation import things

pytestmark = pytest.mark.django_db
AN_HOUR = timedelta(hours=1)


def given_up(*, ago: timedelta = AN_HOUR) -> TrainedModel:
    """A withdrawn model whose weights are still stored."""
    checkpoint = things.checkpoint()
    TrainedModel.objects.update(withdrawn_at=timezone.now() - ago)
    return TrainedModel.objects.get(pk=checkpoint.model_id)


def ward(model: TrainedModel) -> Deployment:
    return Deployment.objects.create(model=model, name="ward 3", serving=things.DIGEST)


def test_it_is_named_with_the_place_that_serves_it_and_the_command_that_ends_it(folk: Any) -> None:
    place = ward(model := given_up())
    assert not ErasureRequest.objects.exists()
    [found] = stuck.findings()
    assert (found.ref, found.waiting.on) == (model.ref, "ward 3")
    assert "destroyed once nobody serves them" in found.waiting.why
    assert found.command == f"manage.py stop_serving {place.ref} --as OPERATOR"
    command = found.command.removeprefix("manage.py ").replace("OPERATOR", folk.operator.username)
    call_command(*command.split(), stdout=io.StringIO())
    place.refresh_from_db()
    assert place.serving == ""
    assert [(each.ref, each.command) for each in stuck.findings()] == [(model.ref, "manage.py tick")]


def test_one_that_was_given_up_just_now_is_left_to_its_deployments() -> None:
    ward(given_up(ago=timedelta(0)))
    assert stuck.findings() == []


def test_one_whose_weights_are_gone_is_not_named() -> None:
    given_up()
    Checkpoint.objects.update(status=Checkpoint.Status.DESTROYED)
    assert stuck.findings() == []


def test_only_an_operator_may_say_that_a_place_serves_nothing(folk: Any) -> None:
    place = ward(given_up())
    for name in (folk.auditor.username, "nobody"):
        with pytest.raises(CommandError, match="role of operator"):
            call_command("stop_serving", place.ref, "--as", name)
    with pytest.raises(CommandError, match="No deployment has the reference dep_0"):
        call_command("stop_serving", "dep_0", "--as", folk.operator.username)
    place.refresh_from_db()
    assert place.serving == things.DIGEST
