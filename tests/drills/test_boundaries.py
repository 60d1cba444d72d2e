"""At every named boundary of a job: kill -9 runner, worker and tick, stop Redis, restart PostgreSQL.

A job is held at each boundary, so that one blow meets all boundaries at once.
"""

import signal
import time
from collections.abc import Callable

import pytest

from governance.embedded import drills, processes
from governance.embedded.processes import wait_until
from tests.drills.conftest import assert_once, assert_sound
from tests.drills.house import ENDED, House, kill

BOUNDARIES = ["claimed", "laid_out", "started", "mid_run", "result_written", "stored", "recorded"]
BLOWS_EACH = 3
WITH_RUNNER = ["started", "mid_run", "result_written"]


def kill_tick(house: House, refs: dict[str, str]) -> None:
    for process in house.ticks():
        kill(process)
    house.tick()


def stop_redis(house: House, refs: dict[str, str]) -> None:
    with drills.held_down(house.var, "redis"):
        (refs["asked for meanwhile"],) = house.submit()
        time.sleep(4)


def restart_postgres(house: House, refs: dict[str, str]) -> None:
    drills.restart(house.var, "postgres")


def crash_postgres(house: House, refs: dict[str, str]) -> None:
    drills.kill(house.var, "postgres")
    drills.await_ready(house.var, "postgres")


def kill_runners(house: House, refs: dict[str, str]) -> None:
    for point in WITH_RUNNER:
        (pid,) = house.runners(refs[point])
        processes.send(pid, signal.SIGKILL)


def kill_worker(house: House, refs: dict[str, str]) -> None:
    house.dismiss()
    assert wait_until(lambda: not house.runners(), seconds=3), "a runner outlived its worker"
    house.worker()


BLOWS = {
    "tick": kill_tick,
    "redis": stop_redis,
    "postgres": restart_postgres,
    "runner": kill_runners,
    "worker": kill_worker,
}
AT_LENGTH = {**BLOWS, "postgres -9": crash_postgres}
# How each attempt but the last one ended, per boundary: always a public cause, never somebody's choice among draws.
CAUSES = {
    "runner": {point: [["queued", "exit_-9"]] for point in WITH_RUNNER},
    "worker": {point: [["queued", "lease_lost"]] for point in BOUNDARIES if point != "recorded"},
}


def strike(house: House, victim: str) -> int:
    """One blow, everything that must be true after it, and how many jobs it met."""
    house.a_worker()
    refs = house.submit_held(BOUNDARIES)
    AT_LENGTH[victim](house, refs)
    house.release()
    facts = house.await_end(list(refs.values()))
    assert_once(house, facts)
    expected = CAUSES.get(victim, {})
    for point, fact in zip(refs, facts, strict=True):
        assert fact["ends"] == [*expected.get(point, []), ["succeeded", ""]], point
        assert [new for new, _ in fact["reasons"] if new in ENDED] == ["succeeded"], point
    assert_sound(house)
    return len(facts)


@pytest.mark.parametrize("victim", BLOWS)
def test_a_job_ends_once_whatever_is_killed_at_a_boundary(house: House, victim: str) -> None:
    strike(house, victim)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("victim", AT_LENGTH)
def test_it_ends_once_three_times_over(
    house: House, victim: str, record_property: Callable[[str, object], None]
) -> None:
    jobs = sum(strike(house, victim) for _ in range(BLOWS_EACH))
    record_property("blows", BLOWS_EACH)
    record_property("jobs ended once", jobs)
