"""Killed in the middle of unlearning, of the references, between these and the attack, and after a failed verdict.

One house for each family of models, and a blow at every place where a plan without a ledger could lose or double work.
"""

import json
import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from safetensors import safe_open

from governance.embedded import processes
from governance.embedded.processes import wait_until
from tests.drills.conftest import assert_sound
from tests.drills.house import House, kill
from tests.plugin import with_database

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]
PATIENCE_S = 240
STATE = "resume/state.safetensors"
ENGINES = {
    "texts": ("language.unlearn", "language.references", "verify.language"),
    "networks": ("classifier.unlearn", "classifier.references", "verify.network"),
}


@pytest.fixture
def own_house(database_template: str) -> Iterator[House]:
    """With a longer lease: what runs here loads torch, and a busy machine must not count as a dead worker."""
    house = House(Path(tempfile.mkdtemp(prefix="obelus-drill-")) / "var", lease_s=10.0)
    try:
        house.open(with_database(os.environ["OBELUS_TEST_SERVER"], database_template))
        yield house
    finally:
        house.close()


@pytest.mark.parametrize("kind", ENGINES)
def test_whatever_is_killed_a_plan_without_a_ledger_loses_nothing_and_counts_nothing_twice(
    own_house: House, kind: str
) -> None:
    house = own_house
    unlearning = house.ask("story", act="begin", kind=kind)
    house.tick()  # not before: the clerk trains the first model without a heartbeat, and a sweep would take it back
    references = (through_texts if kind == "texts" else through_network)(house, unlearning)
    attack = through_references(house, references, kind)
    through_attack(house, attack, kind)
    through_the_climb(house, kind)
    assert_the_first_round_stands(house, unlearning, references)
    assert_sound(house)


def through_texts(house: House, ref: str) -> str:
    """Runner killed at some step, then the worker: the third attempt goes on from the first one's state."""
    gate = house.gate(ref)
    house.worker()
    (state,) = soon(house, lambda: house.in_attempts(ref, STATE))
    gate.hold("mid_run")
    strike_runner(house, ref)
    house.await_at({"mid_run": ref}, seconds=PATIENCE_S)
    assert not state.exists(), "the first attempt's folder is gone"
    (state,) = house.in_attempts(ref, STATE)
    done = step_of(state)
    assert done > 0
    replace_worker(house)
    gate.hold("mid_run")
    house.await_job(ref, seconds=PATIENCE_S, attempt=3, status="running")
    house.await_at({"mid_run": ref}, seconds=PATIENCE_S)
    (state,) = house.in_attempts(ref, STATE)
    assert step_of(state) == done, "the state went from attempt to attempt"
    gate.hold("result_written")
    gate.release("mid_run")
    house.await_at({"result_written": ref}, seconds=PATIENCE_S)
    (progress,) = house.in_attempts(ref, "progress.jsonl")
    assert json.loads(progress.read_text().splitlines()[0])["step"] == done + 1, "it did not start anew"
    assert house.ask("job", ref=ref)["step"] == 0, "where it stands shows nowhere"
    return next_job(house, gate, "result_written")


def through_network(house: House, ref: str) -> str:
    """An engine that is not resumable starts anew, with the same seed and so the same bytes."""
    gate = house.gate(ref)
    gate.hold("mid_run")
    house.worker()
    house.await_at({"mid_run": ref}, seconds=PATIENCE_S)
    gate.hold("result_written")
    strike_runner(house, ref)
    gate.release("mid_run")
    house.await_at({"result_written": ref}, seconds=PATIENCE_S)
    return next_job(house, gate, "result_written")


def through_references(house: House, ref: str, kind: str) -> str:
    """Runner killed when one reference is trained and another is not; worker killed before and after the record."""
    gate = house.gate(ref)
    gate.hold("stored")
    house.gate().release("claimed")
    trained = soon(house, lambda: house.in_attempts(ref, "scratch/weights/seed_*/model.safetensors"))
    strike_runner(house, ref)
    assert len(trained) < len(house.ask("story", act="told")["seeds"][0]), "one was trained, another was not"
    house.await_at({"stored": ref}, seconds=PATIENCE_S)
    assert house.ask("job", ref=ref)["attempt"] == 2
    gate.hold("recorded")
    replace_worker(house)
    house.await_job(ref, seconds=PATIENCE_S, attempt=3, status="running")
    for tick in house.ticks():
        kill(tick)
    gate.release("stored")
    house.await_at({"recorded": ref}, seconds=PATIENCE_S)
    told = house.ask("story", act="told")
    (attack,) = [job for job in told["jobs"] if job["engine"] == ENGINES[kind][2]]
    assert (attack["status"], told["verdicts"]) == ("queued", [])
    house.dismiss()
    house.release()
    return str(attack["ref"])


def through_attack(house: House, ref: str, kind: str) -> None:
    """Nobody rang for it: tick died with the bell unsent. Runner and worker die under it, and after its verdict."""
    gate = house.gate(ref)
    gate.hold("mid_run")
    house.worker()
    assert house.ask("job", ref=ref)["attempt"] == 0 and house.ask("unsent") > 0
    house.tick()
    house.await_at({"mid_run": ref}, seconds=PATIENCE_S)
    gate.hold("stored")
    strike_runner(house, ref)
    gate.release("mid_run")
    house.await_at({"stored": ref}, seconds=PATIENCE_S)
    assert house.ask("story", act="told")["verdicts"] == []
    gate.hold("recorded")
    replace_worker(house)
    house.await_job(ref, seconds=PATIENCE_S, attempt=3, status="running")
    gate.release("stored")
    house.await_at({"recorded": ref}, seconds=PATIENCE_S)
    told = house.ask("story", act="told")
    # Three attempts at the attack were begun, and each lowers the level that the verdict is judged at.
    assert (told["status"], told["verdicts"]) == ("stopped", [3])


def through_the_climb(house: House, kind: str) -> None:
    """Everything dies between the failed verdict and the next step of the ladder, which a person asks for meanwhile."""
    house.dismiss()
    for tick in house.ticks():
        kill(tick)
    house.release()
    house.ask("story", act="climb")
    assert house.ask("story", act="status") == "unlearning"
    house.tick()
    house.worker()
    stopped = wait_until(lambda: house.ask("story", act="status") == "stopped", seconds=PATIENCE_S, every_seconds=0.5)
    told = house.ask("story", act="told")
    assert stopped, [told, house.log_of("worker")]
    assert [job["engine"] for job in told["jobs"]] == [*ENGINES[kind], *ENGINES[kind]]
    assert {job["status"] for job in told["jobs"]} == {"succeeded"}
    assert len(told["verdicts"]) == 2 and told["candidates"] == 2
    assert told["recorded"] == len(told["jobs"]), "each of them once"
    first, second = told["seeds"]
    assert not set(first) & set(second), "no candidate meets another's references"


def assert_the_first_round_stands(house: House, unlearning: str, references: str) -> None:
    """Killed or not, the same bytes: of the candidate that would have been released, and of every reference, once."""
    jobs = {job["ref"]: job for job in house.ask("story", act="told")["jobs"]}
    for ref in (unlearning, references):
        fact = house.ask("job", ref=ref)
        assert fact["succeeded"] == 1, fact
        (quiet,) = house.await_end([house.ask("story", act="again", ref=ref)], seconds=PATIENCE_S)
        assert quiet["weights"] == jobs[ref]["weights"] and quiet["attempt"] == 1, [quiet, fact]
    seeds = house.ask("story", act="told")["seeds"][0]
    kept = house.ask("story", act="parts", digest=jobs[references]["weights"])
    assert sorted(kept) == [f"seed_{seed}/model.safetensors" for seed in sorted(seeds)]
    assert len(set(kept.values())) == len(seeds), "no reference stands in for another"


def next_job(house: House, gate: Any, point: str) -> str:
    """Let a job go whose result is written, and hold the one that follows from it where it is claimed."""
    before = {job["ref"] for job in house.ask("story", act="told")["jobs"]}
    house.gate().hold("claimed")
    gate.release(point)
    fresh = lambda: [job for job in house.ask("story", act="told")["jobs"] if job["ref"] not in before]  # noqa: E731
    assert wait_until(lambda: len(fresh()) == 1, seconds=PATIENCE_S), [fresh(), house.log_of("worker")]
    return str(fresh()[0]["ref"])


def soon(house: House, found: Callable[[], Any]) -> Any:
    """The first thing that is found, within the patience of a drill."""
    seen: list[Any] = []
    assert wait_until(lambda: bool(seen.append(found()) or seen[-1]), seconds=PATIENCE_S, every_seconds=0.02), (
        house.log_of("worker")
    )
    return seen[-1]


def strike_runner(house: House, ref: str) -> None:
    """kill -9 the runner itself; its children, where it has any, must follow it."""
    runners = [pid for pid in house.runners(ref) if "unlearning run" in " ".join(processes.command_of(pid))]
    assert len(runners) == 1, [processes.command_of(pid) for pid in house.runners(ref)]
    processes.send(runners[0], signal.SIGKILL)


def replace_worker(house: House) -> None:
    house.dismiss()
    assert wait_until(lambda: not house.runners(), seconds=20), "a runner outlived its worker"
    house.worker()


def step_of(state: Path) -> int:
    with safe_open(state, "pt") as file:
        return int(json.loads(file.metadata()["obelus"])["step"])
