"""The worker's parts, one by one: folders, what comes back, progress, the janitor, waiting for a database."""

import errno
import json
import os
import threading
from pathlib import Path

import pytest
from django.db import OperationalError

from governance.errors import Conflict
from governance.jobs import outcomes
from governance.jobs.leases import Held, claim, hand_back
from governance.jobs.models import Attempt, Job
from governance.objects.store import hold, let_go, put_bytes, put_folder
from workers import collect, folders, janitor, patience, stopping, supervise
from workers.collect import BrokenResult
from workers.progress import Seen, last_seen

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_var(tmp_path, settings):
    settings.OBELUS_VAR = tmp_path / "var"


def write(path: Path, document) -> None:
    path.write_text(document if isinstance(document, str) else json.dumps(document))


def result(held: Held, **changes) -> dict:
    return {"format": "obelus/result/1", "job": held.ref, "status": "done", **changes}


def test_a_job_folder_is_private_and_its_inputs_are_read_only_links(held_job, tmp_path):
    digest = put_bytes(b"rows", owner="service")
    hold(digest)
    _, held = held_job(inputs={"features": digest})
    folder = folders.lay_out(held)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "inputs/features").read_bytes() == b"rows"
    assert (folder / "inputs/features").stat().st_nlink == 2
    assert json.loads((folder / "spec.json").read_text())["job"] == held.ref


def test_a_folder_input_is_laid_out_as_a_folder(held_job, tmp_path):
    (tmp_path / "w").mkdir()
    write(tmp_path / "w" / "part", "part")
    digest = put_folder(tmp_path / "w", owner="service")
    hold(digest)
    _, held = held_job(inputs={"checkpoint": digest})
    assert (folders.lay_out(held) / "inputs/checkpoint/part").read_text() == "part"


def test_laying_out_wipes_what_earlier_attempts_and_this_one_left(held_job):
    job, first = held_job()
    folders.lay_out(first)
    hand_back(first, cause="worker_stopped")
    second = claim(job.ref, worker="w2")
    folders.lay_out(second)
    folders.lay_out(second)
    assert list(folders.all_folders()) == [second]
    assert Attempt.objects.get(job=job, token=1).folder_wiped


def test_the_janitor_wipes_folders_of_attempts_that_are_over_and_no_other(held_job):
    job, over = held_job()
    _, running = held_job()
    for held in (over, running):
        folders.lay_out(held)
    Job.objects.filter(pk=job.pk).update(status="dead")
    stranger = folders.root() / "not-a-job"
    stranger.mkdir()
    assert janitor.wipe_left_over() == 1
    assert list(folders.all_folders()) == [running] and stranger.exists()


BROKEN = {
    "no result": {},
    "no JSON": {"result.json": "{"},
    "a key twice": {"result.json": '{"format": "obelus/result/1", "format": "obelus/result/1"}'},
    "not a number": {"result.json": '{"format": "obelus/result/1", "elapsed_s": NaN}'},
    "another format": {"result.json": {"format": "obelus/result/2"}},
    "another job": {"result.json": {"format": "obelus/result/1", "job": "job_b", "status": "done"}},
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_folder_that_lies_about_itself_is_no_result(held_job, what):
    _, held = held_job()
    folder = folders.lay_out(held)
    for name, document in BROKEN[what].items():
        write(folder / name, document)
    with pytest.raises(BrokenResult):
        collect.collect(folder, held)


@pytest.mark.parametrize("number", [1, 2])
def test_a_ledger_of_either_format_comes_back(held_job, number):
    _, held = held_job()
    folder = folders.lay_out(held)
    ledger = {"format": f"obelus/ledger/{number}"}
    write(folder / "result.json", result(held))
    write(folder / "ledger.json", ledger)
    assert collect.collect(folder, held).ledger == ledger
    write(folder / "ledger.json", {"format": "obelus/ledger/3"})
    with pytest.raises(BrokenResult, match="ledger/1 or obelus/ledger/2"):
        collect.collect(folder, held)


def test_a_link_among_the_weights_is_no_result(held_job):
    _, held = held_job()
    folder = folders.lay_out(held)
    write(folder / "result.json", result(held))
    (folder / "weights").mkdir()
    (folder / "weights" / "key").symlink_to("/etc/hostname")
    with pytest.raises(BrokenResult, match="no plain file"):
        collect.collect(folder, held)


def test_a_refusal_without_a_reason_is_a_failure_that_is_tried_again(held_job):
    job, held = held_job()
    folder = folders.lay_out(held)
    write(folder / "result.json", result(held))
    supervise.finish(held, folder, supervise.End("", supervise.REFUSED))
    job.refresh_from_db()
    assert (job.status, job.failures) == ("queued", 1)
    assert "does not say why" in job.message


def test_a_fault_in_the_worker_itself_names_its_class_and_never_its_text(held_job, monkeypatch):
    job, held = held_job()
    monkeypatch.setattr(supervise, "start_runner", lambda folder: 1 / 0)
    monkeypatch.setattr(supervise, "Pulse", lambda held: threading.Lock())
    supervise.attempt(held)
    job.refresh_from_db()
    assert (job.status, job.failures) == ("queued", 1)
    assert "ZeroDivisionError" in job.message and "division by" not in job.message
    assert not folders.folder_of(held).exists()


def test_no_room_for_a_job_folder_is_a_dead_letter_at_once_with_a_remedy(held_job, monkeypatch):
    job, held = held_job()

    def full(held):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(folders, "lay_out", full)
    monkeypatch.setattr(supervise, "Pulse", lambda held: threading.Lock())
    supervise.attempt(held)
    job.refresh_from_db()
    assert (job.status, Attempt.objects.get(job=job).cause) == ("dead", "storage_full")
    assert "Free space" in job.message


def test_weights_in_which_more_than_the_adapters_changed_are_refused_at_once_and_people_read_why(held_job, monkeypatch):
    job, held = held_job()
    folder = folders.lay_out(held)
    write(folder / "result.json", result(held))

    def other(job):
        raise Conflict("Dropping changed more than it should.", code="not_what_was_there", remedy="Retrain.")

    monkeypatch.setattr(outcomes, "apply", other)
    supervise.finish(held, folder, supervise.End("", supervise.DONE))
    job.refresh_from_db()
    assert (job.status, job.code, job.message) == (
        *("refused", "not_what_was_there"),
        "Dropping changed more than it should. Retrain.",
    )


SOUND = '{"phase": "descending", "step": 3, "steps": 9, "rate": 2.5}\n'


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        (SOUND, Seen("descending", 3, 9, 2.5)),
        (SOUND + '{"phase": "desc', Seen("descending", 3, 9, 2.5)),
        ("", Seen()),
        ("nonsense\n", Seen()),
        ('{"phase": "a\\u0000b", "step": 3, "steps": 9, "rate": 2.5}\n', Seen()),
        ('{"phase": "a", "step": -1, "steps": 9, "rate": 2.5}\n', Seen()),
        ('{"phase": "a", "step": 1e400, "steps": 9, "rate": 2.5}\n', Seen()),
        ('{"phase": "a", "step": 1, "steps": 9, "rate": NaN}\n', Seen()),
        ("[1]\n", Seen()),
    ],
)
def test_only_a_sound_whole_line_of_progress_is_shown(tmp_path, text, seen):
    (tmp_path / "progress.jsonl").write_text(text)
    assert last_seen(tmp_path) == seen


def test_a_database_that_comes_back_is_waited_for(monkeypatch):
    answers = iter([OperationalError("away"), OperationalError("away"), "there"])

    def act():
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(patience, "LOOK_AGAIN_S", 0.01)
    monkeypatch.setattr(patience.connections, "close_all", lambda: None)
    assert patience.patiently(act) == "there"


def test_a_worker_that_was_told_to_stop_waits_for_no_database(monkeypatch):
    def away():
        raise OperationalError("away")

    stopped = threading.Event()
    stopped.set()
    monkeypatch.setattr(patience, "STOPPING", stopped)
    monkeypatch.setattr(patience.connections, "close_all", lambda: None)
    for wait in (patience.patiently, lambda act: patience.within(60, act)):
        with pytest.raises(OperationalError):
            wait(away)


def test_the_runner_is_told_no_secret(held_job, monkeypatch):
    from workers.processes import start_runner, stop_runner

    _, held = held_job()
    monkeypatch.setenv("OBELUS_SECRET_KEY", "not for the runner")
    folder = folders.lay_out(held)
    child = start_runner(folder)
    try:
        told = Path(f"/proc/{child.pid}/environ").read_bytes()
    finally:
        stop_runner(child, patience_s=0)
        assert child.stdin is not None
        child.stdin.close()
    assert b"DATABASE" not in told and b"REDIS" not in told and b"SECRET" not in told


def test_leases_at_hand_are_known_until_their_attempt_ends(held_job):
    _, held = held_job()
    with stopping.at_hand(held):
        assert held in stopping._at_hand
    assert held not in stopping._at_hand


def test_unrecorded_weights_go_with_their_attempt(held_job):
    _, held = held_job()
    digest = put_bytes(b"a draw", owner=held.ref, token=held.token)
    supervise.tidy(held)
    assert not (Path(os.fspath(folders.root().parent)) / "objects" / digest[7:9] / digest[9:]).exists()
    let_go(held.ref, held.token)
