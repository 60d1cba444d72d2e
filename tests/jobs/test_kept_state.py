"""A resumable engine's state goes from one attempt to the next, and nowhere else."""

from pathlib import Path
from typing import Any

import pytest

from governance.jobs.leases import Held, claim, fail, hand_back
from governance.jobs.models import Job
from unlearning.catalog import ENGINES
from workers import folders, janitor, kept_state

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_var(tmp_path, settings):
    settings.OBELUS_VAR = tmp_path / "var"


@pytest.fixture
def begun(held_job) -> tuple[Job, Held]:
    """An attempt of an engine that can go on, which has written a state."""
    job, held = held_job()
    Job.objects.filter(pk=job.pk).update(engine="language.unlearn")
    write_state(folders.lay_out(held), "half way")
    return Job.objects.get(pk=job.pk), held


def write_state(folder: Path, text: str) -> None:
    (folder / "resume").mkdir(exist_ok=True)
    (folder / "resume" / "state").write_text(text)


def state_in(folder: Path) -> str | None:
    found = folder / "resume" / "state"
    return found.read_text() if found.exists() else None


def again(job: Job) -> Held:
    held = claim(job.ref, worker="w2")
    assert held is not None
    return held


def kept() -> list[Any]:
    return list(kept_state.waiting(folders.root()))


def test_the_engines_that_can_go_on_say_so():
    assert [name for name, engine in ENGINES.items() if engine.resumable] == ["language.unlearn"]


def test_an_attempt_that_its_worker_ended_and_tidied_up_hands_its_state_on(begun):
    job, held = begun
    fail(held, cause="exit_-9", message="killed")
    folders.wipe(held)
    assert not folders.folder_of(held).exists()
    assert state_in(folders.lay_out(again(job))) == "half way"
    assert kept() == []


def test_an_attempt_whose_worker_is_gone_without_a_word_hands_its_state_on(begun):
    job, held = begun
    hand_back(held, cause="lease_lost")
    folder = folders.lay_out(again(job))
    assert state_in(folder) == "half way"
    assert not folders.folder_of(held).exists()


def test_a_worker_that_wakes_up_late_does_not_put_its_older_state_in_the_place_of_the_newer(begun):
    job, held = begun
    hand_back(held, cause="lease_lost")
    folder = folders.lay_out(again(job))
    write_state(folder, "further")
    late = folders.folder_of(held)
    late.mkdir()
    write_state(late, "half way")
    folders.wipe(held)
    assert kept() == [] and state_in(folder) == "further"


@pytest.mark.parametrize("status", [*Job.FINAL])
def test_with_the_end_of_the_job_its_state_is_gone(begun, status):
    job, held = begun
    fail(held, cause="exit_-9", message="killed")
    folders.wipe(held)
    assert len(kept()) == 1
    Job.objects.filter(pk=job.pk).update(status=status)
    assert janitor.wipe_left_over() == 1
    assert kept() == []


def test_the_last_attempt_leaves_nothing_behind(begun):
    job, held = begun
    Job.objects.filter(pk=job.pk).update(status="succeeded")
    folders.wipe(held)
    assert kept() == [] and list(folders.root().iterdir()) == []


def test_an_engine_that_must_start_anew_finds_an_empty_folder(begun):
    job, held = begun
    Job.objects.filter(pk=job.pk).update(engine="certified.delete")
    hand_back(held, cause="lease_lost")
    assert state_in(folders.lay_out(again(job))) is None
    assert kept() == []
