"""Retraining without people who stood in no adapter any more gives the very weights that it replaces."""

from typing import Any

import pytest

from governance.jobs.models import Plan
from governance.lineage.models import Checkpoint, TrainingRun
from governance.objects.models import StoredObject
from governance.objects.store import hold, put_folder
from governance.releases.destruction import destroy_weights
from governance.releases.models import DestructionItem
from governance.verification.models import Policy

pytestmark = pytest.mark.django_db


@pytest.fixture
def again(ward: Any, tmp_path: Any) -> Any:
    """What destroying the old weights comes to, where the candidate has this digest and stands so."""

    def do(*, same: bool, status: str) -> tuple[str, str, str]:
        weights = []
        for name in ("old", "new"):
            (tmp_path / name).mkdir()
            (tmp_path / name / "model.safetensors").write_bytes(b"same" if same else name.encode())
            weights.append(put_folder(tmp_path / name, owner="test"))
            hold(weights[-1])
        run = TrainingRun.objects.create(model=ward.model, snapshot=ward.snapshot)
        old, new = (
            Checkpoint.objects.create(model=ward.model, run=run, object_digest=each, status=stands)
            for each, stands in zip(weights, ("superseded", status), strict=True)
        )
        policy = Policy.make(name="any", version=1, body={}, digest="sha256:" + "0" * 64)
        plan = Plan.objects.create(model=ward.model, source=old, candidate=new, policy=policy, body={}, digest="x")
        destroy_weights(DestructionItem(plan=plan, position=0, kind="weights", target=weights[0]))
        old.refresh_from_db()
        new.refresh_from_db()
        return old.status, new.status, StoredObject.objects.get(digest=weights[1]).status

    return do


def test_what_replaces_the_old_weights_is_not_destroyed_with_them(again: Any) -> None:
    assert again(same=True, status="released") == ("destroyed", "released", StoredObject.Status.HELD)


def test_other_weights_are_destroyed_and_the_candidate_stays(again: Any) -> None:
    assert again(same=False, status="released") == ("destroyed", "released", StoredObject.Status.HELD)


def test_a_candidate_that_was_given_up_goes_with_them(again: Any) -> None:
    assert again(same=True, status="discarded") == ("destroyed", "destroyed", StoredObject.Status.DESTROYED)
