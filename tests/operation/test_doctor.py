"""`manage.py doctor`: it names what is stuck, on whom it waits and the command to run, and nobody's data."""

import io
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command, get_commands
from django.utils import timezone

from governance.jobs.leases import claim, fail
from governance.jobs.models import Job
from governance.operation import checks, stuck
from tests.operation import things

pytestmark = pytest.mark.django_db
AGES_AGO = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _all_else_well(monkeypatch):
    """The work is looked at here; each check of the ground it stands on has a test of its own below."""
    monkeypatch.setattr("governance.management.commands.doctor.all_checks", list)


def doctor() -> tuple[int, str]:
    said = io.StringIO()
    try:
        call_command("doctor", stdout=said)
    except SystemExit as end:
        return int(str(end.code)), said.getvalue()
    return 0, said.getvalue()


def dead_letter() -> Job:
    job = things.noop(max_attempts=1)
    fail(claim(job.ref, worker="w"), cause="exit_1", message="The runner ended with exit code 1.")
    job.refresh_from_db()
    return job


def test_a_house_at_rest_is_well():
    assert doctor() == (0, "\nNothing is stuck.\n")


def test_a_dead_letter_is_named_with_the_command_that_sends_it_round_again(folk):
    job = dead_letter()
    code, said = doctor()
    assert code == 1
    command = f"retry_job {job.ref} --as OPERATOR"
    assert f"run: manage.py {command}" in said
    call_command(*command.replace("OPERATOR", folk.operator.username).split(), stdout=io.StringIO())
    assert doctor()[0] == 0


def test_a_job_whose_lease_ran_out_waits_for_the_tick():
    job = things.noop()
    claim(job.ref, worker="w")
    assert stuck.findings() == []
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - AGES_AGO)
    assert [(found.ref, found.command) for found in stuck.findings()] == [(job.ref, "manage.py tick")]


def test_a_job_that_nobody_takes_waits_for_a_worker_but_not_while_one_is_busy():
    job = things.noop()
    assert stuck.findings() == []
    Job.objects.filter(pk=job.pk).update(created_at=timezone.now() - AGES_AGO)
    [found] = stuck.findings()
    assert (found.ref, found.command) == (job.ref, "celery -A workers.app worker -P threads")
    claim(things.noop().ref, worker="busy")
    assert stuck.findings() == []


def test_a_stopped_plan_and_the_request_behind_it_are_stuck():
    plan, request = things.plan("stopped"), things.request()
    things.joined(plan, request)
    assert [found.ref for found in stuck.findings()] == [plan.ref, request.ref]


def test_a_dead_letter_holds_up_its_plan():
    plan = things.plan("unlearning")
    Job.objects.filter(pk=dead_letter().pk).update(plan=plan)
    assert plan.ref in [found.ref for found in stuck.findings()]


def test_a_release_that_nobody_is_left_to_approve_is_stuck_and_names_no_one(folk):
    plan = things.plan("gate")
    release = things.release(plan, folk.officer)
    assert stuck.findings() == []
    for user in (folk.approver, folk.second_approver, folk.both):
        user.is_active = False
        user.save()
    assert [found.ref for found in stuck.findings()] == [release.ref, plan.ref]
    code, said = doctor()
    assert (code, "manage.py create_person NAME --role approver" in said) == (1, True)
    assert not [name for name in vars(folk)["passwords"] if name in said]


def test_an_approved_release_that_is_not_signed_waits_for_a_worker(folk, monkeypatch):
    release = things.release(things.plan("gate"), folk.officer)
    things.move(release, "approved", **things.moved())
    assert stuck.findings() == []
    monkeypatch.setattr(stuck, "LATE", timedelta(0))
    assert release.ref in [found.ref for found in stuck.findings() if "celery" in found.command]


def test_a_request_that_waits_for_a_person_is_not_stuck_until_its_date_is_near():
    request = things.request()
    code, said = doctor()
    assert (code, f"{request.ref}  due {request.due_on}  waits on a privacy officer" in said) == (0, True)
    things.ErasureRequest.objects.filter(pk=request.pk).update(due_on=timezone.now().date() + timedelta(days=7))
    code, said = doctor()
    assert (code, said.count(request.ref)) == (1, 1)


def test_it_says_nothing_of_the_person():
    things.joined(things.plan("stopped"), things.request())
    _, said = doctor()
    assert not re.search("maria|lopez|@", said)


def test_every_command_it_may_name_exists():
    from governance.console import waiting
    from governance.operation import stuck as here

    text = "".join(Path(module.__file__).read_text() for module in (waiting, here, checks))
    named = set(re.findall(r"manage\.py (\w+)", text))
    assert {"tick", "fsck", "retry_job", "migrate_house"} <= named
    assert named <= set(get_commands())


def test_only_an_operator_may_send_a_dead_letter_round(folk):
    job = dead_letter()
    for name in (folk.auditor.username, "nobody"):
        with pytest.raises(Exception, match="role of operator"):
            call_command("retry_job", job.ref, "--as", name)
    job.refresh_from_db()
    assert job.status == Job.Status.DEAD
