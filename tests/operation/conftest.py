"""A house brought up by `manage.py up` on the test run's servers, with a database and a Redis number of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from governance.embedded import processes
from tests.drills.house import ROOT, House, trace_of
from tests.plugin import execute_as_owner, with_database

STARTED = "console at http://127.0.0.1:"


class Raised:
    """One `manage.py up` as a process, and what it said."""

    def __init__(self, house: House, command: list[str]) -> None:
        self.said = house.var / "said.txt"
        with self.said.open("w") as sink:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=house.environment, stdout=sink, stderr=sink, start_new_session=True
            )
        ready = processes.wait_until(lambda: STARTED in self.words() or self.process.poll() is not None, seconds=90)
        assert ready and self.process.poll() is None, self.words()

    def words(self) -> str:
        return self.said.read_text()

    def port(self) -> int:
        return int(self.words().split(STARTED)[1].split("/")[0])

    def child(self, word: str) -> int:
        """The pid of the one child whose command line holds this word."""
        ours = [pid for pid in processes.all_pids() if processes.parent_of(pid) == self.process.pid]
        found = [pid for pid in ours if word in processes.command_of(pid)]
        assert len(found) == 1, [processes.command_of(pid) for pid in ours]
        return found[0]

    def ended_by(self, number: signal.Signals) -> tuple[int, float]:
        """The exit code, and how many seconds it took from the signal on."""
        asked = time.monotonic()
        self.process.send_signal(number)
        code = self.process.wait(30)
        return code, time.monotonic() - asked


@pytest.fixture(scope="session")
def up_house(database_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    server = os.environ["OBELUS_TEST_SERVER"]
    name = f"obelus_up_{os.getpid()}"
    execute_as_owner(server, f'CREATE DATABASE "{name}" TEMPLATE "{database_template}"')
    house = House(tmp_path_factory.mktemp("up") / "var")
    (house.var / "log").mkdir(mode=0o700, parents=True)
    house.var.chmod(0o700)
    house.environment = environment(house.var, name)
    yield house
    for process in house.started:
        process.kill()
        process.wait()
    assert left_of(house) == []
    execute_as_owner(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def environment(var: Path, name: str) -> dict[str, str]:
    servers = {key: with_database(os.environ[key], name) for key in ("DATABASE_URL", "DATABASE_OWNER_URL")}
    redis = os.environ["REDIS_URL"].replace("db=0", "db=9")
    quiet = {"PYTHONUNBUFFERED": "1", "OBELUS_LOG_LEVEL": "WARNING", "OBELUS_HEARTBEAT_S": "0.5"}
    return {**os.environ, **servers, **quiet, "REDIS_URL": redis, "OBELUS_VAR": str(var)}


@pytest.fixture
def raise_house(up_house: House) -> Iterator[Any]:
    """`raise_house()` starts `manage.py up`; whatever the test does, nothing of it outlives the test."""
    raised: list[Raised] = []

    def start() -> Raised:
        raised.append(Raised(up_house, [sys.executable, "manage.py", "up", "--port", "0"]))
        return raised[-1]

    yield start
    for one in raised:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()
    assert processes.wait_until(lambda: left_of(up_house) == [], seconds=12), left_of(up_house)


def left_of(house: House) -> list[str]:
    """Every living process that was given this house's folder, but for the test's own clerk."""
    own = {os.getpid(), *(process.pid for process in house.started)}
    marked = [pid for pid in processes.all_pids() if pid not in own and belongs_to(pid, house.var)]
    return [trace_of(pid) for pid in marked if processes.is_alive(pid)]


def belongs_to(pid: int, var: Path) -> bool:
    try:
        return f"OBELUS_VAR={var}".encode() in Path(f"/proc/{pid}/environ").read_bytes() or str(var) in trace_of(pid)
    except OSError:
        return False
