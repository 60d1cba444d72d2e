"""A model's problem is public and fixed before data; a deployment says what it has loaded."""

import pytest

from governance.audit.models import Entry
from governance.errors import Conflict, Destroyed, Invalid
from governance.jobs.models import BudgetCap, Job
from governance.lineage.models import Checkpoint
from governance.lineage.selectors import deployments_serving, records_of
from governance.lineage.services import (
    forget,
    register_deployment,
    register_model,
    report_deployment,
    retire,
    start_training,
    train_by_recipe,
)
from tests.lineage.ward import PROBLEM

pytestmark = pytest.mark.django_db


def register(ward, name="another", cap_mu=None, cap_delta=None, **problem):
    fixed = {"dataset": ward.dataset, "engine": "certified.train", "actor": ward.actor}
    return register_model(name=name, problem=PROBLEM | problem, cap_mu=cap_mu, cap_delta=cap_delta, **fixed)


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        ({"sigma": 0}, "bad_parameters"),
        ({"sigma": float("nan")}, "bad_parameters"),
        ({"n_0": "many"}, "bad_parameters"),
        ({"seed": 3}, "bad_parameters"),
        ({"scales": [1.0] * 3}, "wrong_width"),
        ({"centres": [1.0] * 5}, "wrong_width"),
        ({"cap_mu": 1.0}, "bad_cap"),
        ({"cap_mu": -1.0, "cap_delta": 1e-5}, "bad_cap"),
        ({"cap_mu": float("inf"), "cap_delta": 1e-5}, "bad_cap"),
        (
            {"cap_mu": 1e200, "cap_delta": 1e-5},
            "bad_cap",
        ),  # epsilon is infinite, and infinite less infinite is no excess
    ],
)
def test_a_problem_or_cap_that_does_not_fit_is_refused(ward, edit, code):
    with pytest.raises(Invalid) as caught:
        register(ward, **edit)
    assert caught.value.code == code


def test_a_cap_on_rows_below_the_datasets_is_refused_because_a_person_would_cost_too_little(ward):
    ward.dataset.rows_per_subject = 3
    with pytest.raises(Invalid) as caught:
        register(ward, contribution_cap=2)
    assert caught.value.code == "cap_below_dataset"


def test_an_unknown_engine_is_refused(ward):
    with pytest.raises(Invalid):
        register_model(
            name="x",
            dataset=ward.dataset,
            engine="magic",
            problem={},
            cap_mu=None,
            cap_delta=None,
            actor=ward.actor,
        )


def test_a_budget_cap_is_kept_with_the_model(ward):
    model = register(ward, cap_mu=2.5, cap_delta=1e-5)
    cap = BudgetCap.objects.get(model=model)
    assert (cap.mu, cap.delta) == (2.5, 1e-5)


def test_a_model_name_is_taken_once(ward):
    with pytest.raises(Conflict):
        register(ward, name="risk")


def test_training_queues_one_job_over_all_rows_with_the_fixed_problem(ward):
    run = start_training(model=ward.model, snapshot=ward.snapshot, actor=ward.actor)
    job = Job.objects.get(run=run)
    assert (job.engine, job.purpose, job.spec["params"]) == ("certified.train", "train", PROBLEM)
    assert job.spec["inputs"]["features"]["digest"] == ward.snapshot.object_digest
    assert job.spec["manifests"] == {"retain": {"features": list(range(20))}}


def test_the_owners_recipe_runs_on_a_snapshot(ward):
    run = train_by_recipe(
        model=ward.model, snapshot=ward.snapshot, command=["python", "train.py"], timeout_s=60, actor=ward.actor
    )
    job = Job.objects.get(run=run)
    assert job.engine == "recipe"
    assert job.spec["params"] == {"command": ["python", "train.py"], "timeout_s": 60, "seed": 0}


def test_no_training_on_another_dataset_or_on_what_was_erased_or_destroyed(ward):
    with pytest.raises(Invalid) as caught:
        start_training(model=ward.model, snapshot=ward.other_snapshot, actor=ward.actor)
    assert caught.value.code == "wrong_dataset"
    forget(records=list(records_of(ward.subject(1))), at=ward.dataset.created_at)
    with pytest.raises(Conflict) as caught:
        start_training(model=ward.model, snapshot=ward.snapshot, actor=ward.actor)
    assert caught.value.code == "snapshot_holds_erased"
    retire(ward.snapshot, at=ward.dataset.created_at)
    with pytest.raises(Destroyed):
        start_training(model=ward.model, snapshot=ward.snapshot, actor=ward.actor)
    assert not Job.objects.exists()


def test_a_recorded_job_becomes_a_checkpoint_with_its_ledger(ward):
    made = ward.checkpoint()
    assert made.status == "candidate" and made.ledger == {"format": "obelus/ledger/1", "events": []}
    entry = Entry.objects.get(event="checkpoint:registered")
    assert made.object_digest.encode() in bytes(entry.leaf)


def test_a_deployment_reports_what_it_has_loaded_and_each_change_is_written_down(ward):
    old, new = ward.checkpoint(), ward.checkpoint()
    place = register_deployment(name="clinic", model=ward.model, actor=ward.actor)
    for digest in (old.object_digest, old.object_digest, new.object_digest):
        place = report_deployment(deployment=place, digest=digest, actor=ward.actor)
    assert place.serving == new.object_digest and place.reported_at is not None
    assert list(deployments_serving(new)) == [place] and not deployments_serving(old).exists()
    assert Entry.objects.filter(thread=place.ref, event="deployment:reported").count() == 2


def test_an_unknown_digest_or_another_models_is_refused(ward):
    place = register_deployment(name="clinic", model=ward.model, actor=ward.actor)
    other = ward.checkpoint(ward.other_model, ward.other_snapshot)
    for digest in ("sha256:" + "0" * 64, other.object_digest, ""):
        with pytest.raises(Invalid) as caught:
            report_deployment(deployment=place, digest=digest, actor=ward.actor)
        assert caught.value.code == "unknown_digest"


def test_a_destroyed_digest_answers_gone_and_changes_nothing(ward):
    made = ward.checkpoint()
    place = register_deployment(name="clinic", model=ward.model, actor=ward.actor)
    Checkpoint.objects.filter(pk=made.pk).update(status="destroyed")
    with pytest.raises(Destroyed) as caught:
        report_deployment(deployment=place, digest=made.object_digest, actor=ward.actor)
    assert caught.value.status == 410
    place.refresh_from_db()
    assert place.serving == ""


def test_a_deployment_name_is_taken_once(ward):
    register_deployment(name="clinic", model=ward.model, actor=ward.actor)
    with pytest.raises(Conflict):
        register_deployment(name="clinic", model=ward.model, actor=ward.actor)
