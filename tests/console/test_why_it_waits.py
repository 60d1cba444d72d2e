"""Whatever waits says on whom, and why; what has ended says that nothing is awaited."""

from datetime import timedelta

import pytest
from django.utils import timezone

from governance.console.waiting import NOBODY, blocker, of_running
from governance.intake.models import ErasureRequest
from governance.jobs.models import Job, Plan
from governance.lineage.models import Checkpoint
from governance.people.models import User
from governance.releases.models import DestructionItem, Release
from tests.console.world import World

pytestmark = pytest.mark.django_db


def fresh(row):
    return type(row).objects.get(pk=row.pk)


@pytest.mark.parametrize(
    ("name", "on", "why"),
    [
        ("overdue", "a privacy officer", "identity"),
        ("soon", "a privacy officer", "covers"),
        ("scoped", "a privacy officer", "No plan has been proposed for the model tumour-classifier"),
        ("patient_0", "a worker", "step 87 of 212"),
        ("writer_0", "a second approver: anyone but Olivia Marsh and Ann Vogel", "Able to: Ben Okoro"),
        ("fulfilled", NOBODY, "Fulfilled"),
        ("refused", NOBODY, "Refused"),
        ("withdrawn", NOBODY, "Withdrawn"),
    ],
)
def test_a_request_says_on_whom_it_waits(house: World, name: str, on: str, why: str):
    found = blocker(house.requests[name])
    assert found.on == on
    assert why in found.why


def test_no_state_of_anything_is_left_without_an_answer(house: World):
    for row in (house.requests["patient_0"], house.gate_plan, house.running_job, house.release):
        for status in type(row).Status:
            copy = fresh(row)
            copy.status = status
            found = blocker(copy)
            assert found.on
            assert found.why


def test_a_release_names_everybody_who_could_still_approve(house: World):
    User.objects.filter(username="olivia").update(roles=["privacy_officer", "approver"])
    house.release.approvals.first()
    found = blocker(house.release)
    assert "Olivia" not in found.why  # the proposer is out, whatever her roles
    assert found.why.startswith("1 of 2")


def test_when_nobody_is_left_to_approve_it_says_what_to_do(house: World):
    User.objects.filter(username="ben").update(is_active=False)
    found = blocker(house.release)
    assert "Nobody who may approve is left" in found.why
    assert found.command == "manage.py create_person NAME --role approver"


def test_a_queued_job_waits_for_a_worker_and_says_how_to_start_one(house: World):
    found = blocker(Job(status="queued", created_at=timezone.now()))
    assert found.on == "a worker"
    assert found.command == "celery -A workers.app worker -P threads"


def test_a_job_whose_worker_is_silent_waits_for_the_sweep(house: World):
    Job.objects.filter(pk=house.running_job.pk).update(lease_until=timezone.now() - timedelta(seconds=5))
    found = blocker(fresh(house.running_job))
    assert found.on == "Obelus"
    assert found.command == "manage.py tick"


def test_a_dead_letter_waits_for_an_operator(house: World):
    found = blocker(house.dead_job)
    assert found.on == "an operator"
    assert "out of memory" in found.why


def test_a_published_plan_names_the_deployments_that_lag(house: World):
    plan = fresh(house.gate_plan)
    Plan.objects.filter(pk=plan.pk).update(status="published")
    found = blocker(fresh(plan))
    assert found.on == "mail-room"
    plan.model.deployments.update(serving=plan.candidate.object_digest)
    assert blocker(fresh(plan)).on == "Obelus"


def test_a_failed_destruction_says_which_item(house: World):
    plan = house.gate_plan
    Plan.objects.filter(pk=plan.pk).update(status="destroying")
    assert "3 of 3 items" in blocker(fresh(plan)).why
    DestructionItem.objects.filter(plan=plan, position=1).update(error="the disk is read-only")
    found = blocker(fresh(plan))
    assert found.on == "an operator"
    assert "Item 1" in found.why
    assert "read-only" in found.why


def test_a_stopped_plan_says_why_it_stopped(house: World):
    Plan.objects.filter(pk=house.gate_plan.pk).update(status="stopped")
    assert "inconclusive" in blocker(fresh(house.gate_plan)).why


def test_a_request_that_touches_no_model_waits_for_its_rows_to_go(house: World):
    row = ErasureRequest.objects.get(pk=house.requests["soon"].pk)
    row.status = "scoped"
    assert "remove their records" in blocker(row).why


def test_an_approved_release_waits_for_its_signature(house: World):
    Release.objects.filter(pk=house.release.pk).update(status="approved")
    assert "being signed" in blocker(fresh(house.release)).why
    assert Checkpoint.objects.filter(release=house.release).exists()


def test_a_run_that_must_not_show_its_steps_is_said_to_run_and_no_more() -> None:
    silent, counted = Job(phase="unlearning"), Job(phase="training", step=3, steps=1200)
    assert [of_running(job).why for job in (silent, counted)] == [
        "Running (unlearning).",
        "Running (training), step 3 of 1,200.",
    ]
