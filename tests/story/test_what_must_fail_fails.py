"""The test of the test: a leak and a wreck go through the platform's own verification, and are stopped."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from governance.actors import person
from governance.audit.models import Entry
from governance.errors import Conflict, FourEyes
from governance.intake.packs import install_packs
from governance.jobs import leases
from governance.jobs.leases import claim
from governance.jobs.models import Plan
from governance.lineage.models import Checkpoint
from governance.objects.store import hold, open_path, parts_of, put_folder
from governance.releases import services as releases
from governance.verification import alarms
from tests.conftest import Folk
from tests.story.standing import Standing, built_once
from tests.story.world import CanaryClinic, run_attempt, work
from unlearning.linear import LinearModel, load_model, save_model

pytestmark = pytest.mark.django_db


def stored(digest: str, folder: Path) -> Path:
    """A stored folder object as a folder."""
    folder.mkdir()
    for name, part in parts_of(digest).items():
        (folder / name).write_bytes(open_path(part).read_bytes())
    return folder


def put_in_place_of_candidate(plan: Plan, folder: Path) -> None:
    digest = put_folder(folder, owner="test")
    hold(digest)
    Checkpoint.objects.filter(pk=plan.candidate.pk).update(object_digest=digest)


def unlearned() -> tuple[CanaryClinic, Plan]:
    """Every canary asks to be forgotten; only the unlearning itself has run."""
    install_packs()
    clinic = CanaryClinic(Folk())
    clinic.release(clinic.train(clinic.model, clinic.snapshot), clinic.policy())
    clinic.ask(list(range(200, 200 + clinic.planted)))
    plan = clinic.confirmed(clinic.policy())
    held = claim(plan.jobs.get().ref, worker="test")
    assert held is not None
    run_attempt(held)
    return clinic, Plan.objects.get(pk=plan.pk)


@pytest.fixture(scope="module")
def standing_canaries(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Standing[tuple[CanaryClinic, Plan]]]:
    with built_once(unlearned, django_db_blocker, tmp_path_factory) as found:
        yield found


@pytest.fixture
def as_unlearned(
    standing_canaries: Standing[tuple[CanaryClinic, Plan]], db: None, settings: Any, tmp_path: Path
) -> tuple[CanaryClinic, Plan]:
    return standing_canaries.as_built(settings, tmp_path)


@pytest.fixture
def clinic(as_unlearned: tuple[CanaryClinic, Plan]) -> CanaryClinic:
    return as_unlearned[0]


@pytest.fixture
def canary_plan(as_unlearned: tuple[CanaryClinic, Plan]) -> Plan:
    return as_unlearned[1]


def test_a_model_that_memorised_the_canaries_fails_as_residual(clinic: CanaryClinic, canary_plan: Plan, tmp_path: Path):
    memorising = clinic.memorise(tmp_path / "leak")
    put_in_place_of_candidate(canary_plan, memorising)
    work()
    plan = Plan.objects.get(pk=canary_plan.pk)
    assert [verdict.outcome for verdict in plan.verdicts.all()] == ["failed_residual"]
    assert plan.status == Plan.Status.STOPPED
    assert plan.release is None
    with pytest.raises(FourEyes, match="other than the person who confirmed"):
        alarms.clear(plan=plan, finding="I confirmed it, so it is fine.", actor=clinic.officer)


def test_an_alarm_that_was_false_publishes_the_same_draw(clinic: CanaryClinic, canary_plan: Plan, tmp_path: Path):
    drawn = canary_plan.candidate.object_digest
    put_in_place_of_candidate(canary_plan, clinic.memorise(tmp_path / "leak"))
    work()
    Checkpoint.objects.filter(pk=canary_plan.candidate.pk).update(object_digest=drawn)
    other = person(clinic.folk.both, "privacy_officer")
    alarms.clear(plan=canary_plan, finding="The attack had looked at another file.", actor=other)
    plan = Plan.objects.get(pk=canary_plan.pk)
    assert plan.status == Plan.Status.GATE
    assert plan.release.checkpoint.object_digest == drawn
    assert [verdict.outcome for verdict in plan.verdicts.order_by("id")] == ["failed_residual", "inconclusive"]
    with pytest.raises(FourEyes, match="called the alarm false"):
        releases.approve(release=plan.release, actor=person(clinic.folk.both, "approver"))
    with pytest.raises(Conflict, match="not stopped by an alarm"):
        alarms.clear(plan=plan, finding="again", actor=other)


def test_a_wrecked_model_fails_as_over_forgotten(clinic: CanaryClinic, canary_plan: Plan, tmp_path: Path):
    candidate = load_model(stored(canary_plan.candidate.object_digest, tmp_path / "candidate"))
    folder = tmp_path / "wreck"
    save_model(folder, LinearModel(-candidate.theta, candidate.preparation))
    put_in_place_of_candidate(canary_plan, folder)
    work()
    plan = Plan.objects.get(pk=canary_plan.pk)
    assert [verdict.outcome for verdict in plan.verdicts.all()] == ["failed_over_forgotten"]
    assert plan.status == Plan.Status.STOPPED
    with pytest.raises(Conflict, match="no false alarm"):
        alarms.clear(plan=plan, finding="it works", actor=person(clinic.folk.both, "privacy_officer"))


def test_the_honest_candidate_is_not_accused(clinic: CanaryClinic, canary_plan: Plan):
    work()
    plan = Plan.objects.get(pk=canary_plan.pk)
    assert plan.verdicts.get().outcome in {"passed", "inconclusive"}
    assert plan.verdicts.get().body["canaries"]["records"] == clinic.planted
    assert plan.status == Plan.Status.GATE


@pytest.mark.slow
def test_an_attack_that_crashed_once_is_judged_as_the_second_attempt(canary_plan: Plan):
    """Attempt k is judged at level / 2^k, and an attempt counts from its beginning, whatever became of it."""
    while (job := canary_plan.jobs.filter(status="queued").exclude(engine="verify.linear").first()) is not None:
        held = claim(job.ref, worker="test")
        assert held is not None
        run_attempt(held)
    held = claim(canary_plan.jobs.get(engine="verify.linear").ref, worker="test")
    assert held is not None
    leases.fail(held, cause="exit_-9", message="killed")
    work()
    plan = Plan.objects.get(pk=canary_plan.pk)
    assert plan.verdicts.get().body["attempt"] == 2
    assert logged_attempts(plan) == 1 + 2 + 2 + 1, "unlearning, references, the attack twice, the witness"


def logged_attempts(plan: Plan) -> int:
    return Entry.objects.filter(thread=plan.ref, event="attempt:started").count()
