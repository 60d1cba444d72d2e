"""One erasure, end to end, through the services and the real runner; told once, looked at from many sides."""

from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
from django.conf import settings
from django.db import transaction
from django.test import override_settings

from governance.audit import fsck, sequencer
from governance.errors import Conflict, Destroyed
from governance.intake.models import ErasureRequest
from governance.intake.packs import install_packs
from governance.jobs.models import Certificate, Plan
from governance.lineage import services as lineage
from governance.lineage.models import Checkpoint, Deployment
from governance.objects.destruction import unreferenced
from governance.objects.store import open_path, parts_of
from tests.conftest import Folk
from tests.story import world
from tests.story.search import files_below, needles, tables, traces
from tests.story.world import Clinic, table
from unlearning.linear import Preparation, load_model

TWELVE = list(range(40, 52))


class Told:
    """The clinic after the erasure, and what was remembered from before it."""

    def __init__(self, folder: Path) -> None:
        install_packs()
        self.clinic = Clinic(Folk())
        with patch.object(world, "ATTEMPT", world.run_attempt):  # a bystander, whose training is not looked at
            self.digits = self.clinic.digits()
        policy = self.clinic.policy()
        self.before, place = self.clinic.first_release(policy)
        self.old_theta = load_model(stored(self.before.object_digest, folder)).theta
        self.found_before = traces(self.needles(), files_below(settings.OBELUS_VAR / "objects"))
        self.plan = self.clinic.carry_out(TWELVE, policy, place)

    def needles(self) -> dict[str, bytes]:
        rows = self.clinic.features[TWELVE]
        normalised = Preparation.from_params(self.clinic.model.problem).augmented(rows)
        return {
            **needles(rows, name="row"),
            **needles(normalised, name="normalised row"),
            **needles(self.old_theta, name="old weights"),
        }


def stored(digest: str, folder: Path) -> Path:
    for name, part in parts_of(digest).items():
        (folder / name).write_bytes(open_path(part).read_bytes())
    return folder


SERVERS = Path(settings.OBELUS_VAR)  # where PostgreSQL and Redis of this run keep their files


@pytest.fixture(scope="module")
def told(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Told]:
    """A folder of its own, so that what other tests rolled back and left as files is not found here."""
    own = override_settings(OBELUS_VAR=tmp_path_factory.mktemp("var"))
    real = patch.object(world, "ATTEMPT", world.by_the_runner)
    with own, real, django_db_blocker.unblock(), transaction.atomic():
        yield Told(tmp_path_factory.mktemp("before"))
        transaction.set_rollback(True)


def test_the_plan_is_closed_and_every_request_fulfilled(told: Told):
    assert told.plan.route == "certified.delete"
    assert told.plan.status == Plan.Status.CLOSED
    assert {r.status for r in ErasureRequest.objects.all()} == {ErasureRequest.Status.FULFILLED}


def test_the_new_model_is_released_and_the_old_one_destroyed(told: Told):
    assert Checkpoint.objects.get(pk=told.before.pk).status == Checkpoint.Status.DESTROYED
    assert Checkpoint.objects.get(pk=told.plan.candidate.pk).status == Checkpoint.Status.RELEASED


def test_for_twelve_records_the_honest_verdict_is_inconclusive_with_its_power(told: Told):
    verdict = told.plan.verdicts.get()
    assert verdict.outcome == "inconclusive"
    assert verdict.body["power"]["detectable"] > 0.1
    assert "With 12 records" in verdict.body["reasons"][0]
    assert any("Retrain without the erased records" in way for way in verdict.body["decides"])


def test_the_certificate_took_effect_at_the_last_destruction(told: Told):
    certificate = Certificate.objects.get(checkpoint=told.plan.candidate)
    last = max(item.done_at for item in told.plan.destruction.all())
    assert certificate.effective_at >= last
    assert certificate.body["a"]["epsilon"] <= 0.5 < certificate.body["b"]["epsilon"]


def test_a_model_without_these_people_is_not_touched(told: Told):
    assert {c.status for c in told.digits.checkpoints.all()} == {Checkpoint.Status.CANDIDATE}
    assert not told.digits.plans.exists()


def test_the_log_is_sound_and_nothing_lies_about_unreferenced(told: Told):
    sequencer.catch_up()
    assert fsck.faults() == []
    assert unreferenced() == []


def test_rows_and_old_weights_were_there_before(told: Told):
    assert any("row 0 fp64" in trace for trace in told.found_before)
    assert any("old weights 0 fp32" in trace for trace in told.found_before)


def test_no_byte_of_the_rows_or_the_old_weights_is_left(told: Told):
    servers = [files_below(SERVERS / name) for name in ("postgres", "redis") if (SERVERS / name).is_dir()]
    assert traces(told.needles(), files_below(settings.OBELUS_VAR), tables(), *servers) == []


def test_the_search_finds_a_planted_copy_in_a_file_and_in_a_table(told: Told):
    row = told.clinic.features[TWELVE[0]]
    planted = settings.OBELUS_VAR / "jobs" / "forgotten.bin"
    planted.parent.mkdir(exist_ok=True)
    planted.write_bytes(b"\x01" + row.astype("<f4").tobytes())
    with transaction.atomic():
        Deployment.objects.create(model=told.clinic.model, name="x" + ", ".join(str(float(v)) for v in row[:4]))
        found = traces(told.needles(), files_below(settings.OBELUS_VAR / "jobs"), tables())
        transaction.set_rollback(True)
    planted.unlink()
    assert any("forgotten.bin" in trace for trace in found)
    assert any("table lineage_deployment" in trace for trace in found)


def test_the_old_digest_is_gone_for_good(told: Told):
    with pytest.raises(Destroyed, match="was destroyed"):
        open_path(told.before.object_digest)
    with pytest.raises(Destroyed):
        told.clinic.deploy(told.before, Deployment.objects.get())


def test_a_snapshot_that_would_bring_a_record_back_is_refused(told: Told):
    again = table(told.clinic.features, told.clinic.labels)
    with pytest.raises(Conflict, match="erased"):
        lineage.take_snapshot(dataset=told.clinic.snapshot.dataset, parquet=again, actor=told.clinic.operator)


def test_the_same_person_cannot_be_erased_twice(told: Told):
    with pytest.raises(Conflict, match="erased already"):
        told.clinic.ask([TWELVE[0]])
