"""What a trial of a recipe made is destroyed afterwards; what happens to be somebody else's too is not."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from governance.jobs.leases import claim
from governance.jobs.models import Job
from governance.jobs.services import cancel
from governance.objects.models import StoredObject
from governance.verification.qualification_results import clear_up
from governance.verification.qualifying import qualify
from tests.story.networks import PROBLEM, STRONG, NetworkClinic, quickly
from tests.story.standing import Standing
from tests.story.world import run_attempt, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic(
    standing_network: Standing[NetworkClinic], db: None, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> NetworkClinic:
    quickly(monkeypatch)
    return standing_network.as_built(settings, tmp_path)


def test_a_model_of_the_same_recipe_on_the_same_rows_outlives_the_trial(clinic: NetworkClinic):
    rows, unseen = clinic.public()
    twin = clinic.register("public cloud reader", rows, PROBLEM)
    checkpoint = clinic.train(twin, rows)
    policy = clinic.rules(STRONG, references_by="qualification")
    run = qualify(problem=PROBLEM, policy=policy, snapshot=rows, holdout=unseen, actor=clinic.officer)
    trained, references = Job.objects.filter(thread=run.ref).order_by("id")
    cancel(references.ref, actor=clinic.operator)
    work()
    trained.refresh_from_db()
    assert trained.weights == checkpoint.object_digest, "one seed on one thread gives the same bytes"
    assert clear_up() == 1
    assert StoredObject.objects.get(digest=checkpoint.object_digest).status == StoredObject.Status.HELD


def test_another_trial_under_way_keeps_what_it_needs(clinic: NetworkClinic):
    rows, unseen = clinic.public()
    asked: dict[str, Any] = {"problem": PROBLEM, "snapshot": rows, "holdout": unseen, "actor": clinic.officer}
    policy = clinic.rules(STRONG, references_by="qualification")
    over, under_way = (qualify(policy=policy, **asked) for _ in range(2))
    trained = [Job.objects.get(thread=run.ref, engine="classifier.train") for run in (over, under_way)]
    for job in trained:
        done(job)
    cancel(Job.objects.get(thread=over.ref, engine="classifier.references").ref, actor=clinic.operator)
    cancel(Job.objects.get(thread=over.ref, engine="classifier.unlearn").ref, actor=clinic.operator)
    [weights] = set(Job.objects.filter(pk__in=[job.pk for job in trained]).values_list("weights", flat=True))
    assert clear_up() == 1
    assert StoredObject.objects.get(digest=weights).status == StoredObject.Status.HELD
    for job in Job.objects.filter(thread=under_way.ref, status=Job.Status.QUEUED):
        cancel(job.ref, actor=clinic.operator)
    assert clear_up() == 1
    assert StoredObject.objects.get(digest=weights).status == StoredObject.Status.DESTROYED, (
        "the last one takes it along"
    )


def test_trials_of_one_recipe_are_counted_one_after_the_other(clinic: NetworkClinic):
    """Until the first is committed, a second one waits for its number."""
    rows, unseen = clinic.public()
    policy = clinic.rules(STRONG, references_by="qualification")
    run = qualify(problem=PROBLEM, policy=policy, snapshot=rows, holdout=unseen, actor=clinic.officer)
    number = int(run.recipe.removeprefix("sha256:")[:15], 16)
    held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND (classid::bigint << 32 | objid::bigint) = %s"
    with connection.cursor() as cursor:
        cursor.execute(held, [number])
        assert cursor.fetchone() == (1,)


def done(job: Job) -> None:
    held = claim(job.ref, worker="test")
    assert held is not None
    run_attempt(held)
