"""Orderly and disorderly ends: cancellation, SIGTERM, a worker that sleeps through its lease, attempts used up."""

import signal
import time

import pytest

from governance.embedded import drills
from governance.embedded.processes import wait_until
from tests.drills.conftest import assert_once, assert_sound
from tests.drills.house import House


def test_a_running_job_shows_its_steps_and_stops_when_asked(house: House) -> None:
    house.a_worker()
    (ref,) = house.submit(steps=2000, pause_s=0.05)
    assert wait_until(lambda: house.ask("job", ref=ref)["step"] > 0, seconds=20)
    before = house.ask("job", ref=ref)["step"]
    assert wait_until(lambda: house.ask("job", ref=ref)["step"] > before, seconds=5)
    assert house.ask("cancel", ref=ref) == "running"
    (fact,) = house.await_end([ref], seconds=10)
    assert (fact["status"], fact["ends"]) == ("cancelled", [["cancelled", "cancelled"]])
    assert (fact["recorded"], fact["weights"]) == (0, "")
    assert_sound(house)


@pytest.mark.slow
def test_a_job_that_fails_while_it_is_being_cancelled_does_not_wait_for_ever(house: House) -> None:
    house.a_worker()
    refs = house.submit_held(["claimed"], params={"fail": "crash"})
    house.dismiss()
    house.ask("cancel", ref=refs["claimed"])
    house.release()
    (fact,) = house.await_end(list(refs.values()), seconds=10)
    assert (fact["status"], fact["ends"]) == ("cancelled", [["cancelled", "lease_lost"]])
    house.worker()
    assert_sound(house)


def test_a_worker_that_slept_through_its_lease_records_nothing(house: House) -> None:
    sleeper = house.a_worker()
    refs = house.submit_held(["mid_run", "stored"])
    sleeper.send_signal(signal.SIGSTOP)
    house.release()
    house.worker()
    facts = house.await_end(list(refs.values()))
    assert_once(house, facts)
    assert [fact["ends"][0] for fact in facts] == [["queued", "lease_lost"]] * 2
    assert all(len(set(fact["workers"])) == 2 for fact in facts)
    sleeper.send_signal(signal.SIGCONT)
    assert wait_until(lambda: all(gave_up(house, ref) for ref in refs.values()), seconds=20), house.log_of("worker")
    assert [house.ask("job", ref=ref) for ref in refs.values()] == facts
    assert_sound(house)


@pytest.mark.slow
def test_a_worker_that_wakes_while_another_has_its_job_leaves_it_alone(house: House) -> None:
    """Both attempts are under way, so nothing but the token tells whose result may be written down."""
    sleeper = house.a_worker()
    refs = house.submit_held(["stored"])
    ref, gate = refs["stored"], house.gate(refs["stored"])
    gate.hold("claimed")
    sleeper.send_signal(signal.SIGSTOP)
    house.worker()
    house.await_job(ref, status="running", attempt=2)
    house.await_at({"claimed": ref})
    gate.release("stored")
    sleeper.send_signal(signal.SIGCONT)
    assert wait_until(lambda: gave_up(house, ref), seconds=20), house.log_of("worker")
    fact = house.ask("job", ref=ref)
    assert (fact["status"], fact["attempt"], fact["recorded"], fact["failures"]) == ("running", 2, 0, 1)
    house.release()
    (fact,) = house.await_end([ref])
    assert_once(house, [fact])
    assert fact["ends"] == [["queued", "lease_lost"], ["succeeded", ""]]
    assert_sound(house)


def gave_up(house: House, ref: str) -> bool:
    """Whether a worker has said that it lost the lease of this job, and not of one of another drill."""
    return any(ref in line and "the lease was lost" in line for line in house.log_of("worker").splitlines())


def test_a_job_that_keeps_crashing_becomes_a_dead_letter_that_a_person_may_send_round(house: House) -> None:
    house.a_worker()
    (ref,) = house.submit(params={"fail": "crash"}, max_attempts=2)
    (fact,) = house.await_end([ref])
    assert (fact["status"], fact["failures"]) == ("dead", 2)
    assert fact["message"] == "Given up after 2 failed attempts. The last one: The runner ended with exit code 70."
    assert house.ask("retry", ref=ref) == "queued"
    fact = house.await_job(ref, status="dead", attempt=4)
    assert fact["ends"] == [["queued", "exit_70"], ["dead", "exit_70"]] * 2
    assert_sound(house)


@pytest.mark.slow
def test_attempts_are_capped_when_the_worker_itself_dies_each_time(house: House) -> None:
    house.a_worker()
    refs = house.submit_held(["claimed"], max_attempts=2)
    ref = refs["claimed"]
    house.dismiss()
    house.worker()
    house.await_job(ref, attempt=2, status="running")
    house.dismiss()
    (fact,) = house.await_end([ref])
    assert (fact["status"], fact["failures"], fact["attempt"]) == ("dead", 2, 2)
    assert "its lease ran out" in fact["message"]
    house.worker()
    assert_sound(house)


@pytest.mark.parametrize("redis", ["up", "down"])
def test_sigterm_hands_the_lease_back_and_another_worker_finishes(house: House, redis: str) -> None:
    worker = house.a_worker()
    refs = house.submit_held(["mid_run"])
    if redis == "down":
        drills.hold(house.var, "redis")
        time.sleep(1)  # the worker is in the middle of its attempts to connect
    moment = time.monotonic()
    worker.terminate()
    worker.wait(10)
    assert time.monotonic() - moment < 10
    ref = refs["mid_run"]
    house.await_job(ref, status="queued", ends=[["queued", "worker_stopped"]], failures=0, seconds=1)
    if redis == "down":
        drills.release(house.var, "redis")
    house.release()
    house.worker()
    (fact,) = house.await_end([ref])
    assert fact["failures"] == 0
    assert_once(house, [fact])
    assert_sound(house)


@pytest.mark.slow
def test_sigterm_ends_a_worker_whose_disk_hangs(house: House) -> None:
    worker = house.a_worker()
    refs = house.submit_held(["stored"])  # stands for a write that does not return
    worker.terminate()
    assert worker.wait(10) == 1
    house.await_job(refs["stored"], status="queued", failures=0, ends=[["queued", "worker_stopped"]], seconds=1)
    house.release()
    house.worker()
    assert_once(house, house.await_end(list(refs.values())))
    assert_sound(house)
