"""`make up` as a newcomer runs it: embedded servers, migrations, people, and an end within ten seconds."""

import os
import signal
import stat
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from governance.embedded import processes
from tests.drills.house import ROOT
from tests.operation.conftest import STARTED, belongs_to

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
NOT_OURS = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "OBELUS_VAR", "OBELUS_ENV", "MAKEFLAGS", "MAKELEVEL")


class Made:
    """One `make up` in a session of its own, as a terminal would start it."""

    def __init__(self, var: Path) -> None:
        self.var, self.said = var, var.with_name("said.txt")
        kept = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
        with self.said.open("w") as sink:
            self.process = subprocess.Popen(
                ["make", "up", f"VAR={var}", "PORT=0"],
                cwd=ROOT, env=kept | {"OBELUS_EMBEDDED_FSYNC": "off"}, stdout=sink, stderr=sink, start_new_session=True,
            )  # fmt: skip
        up = lambda: STARTED in self.said.read_text() or self.process.poll() is not None  # noqa: E731
        assert processes.wait_until(up, seconds=180) and self.process.poll() is None, self.said.read_text()

    def address(self) -> str:
        return "http://127.0.0.1:" + self.said.read_text().split(STARTED)[1].split("/")[0]

    def left(self) -> list[list[str]]:
        pids = [pid for pid in processes.all_pids() if pid != os.getpid() and belongs_to(pid, self.var)]
        return [processes.command_of(pid) for pid in pids if processes.is_alive(pid)]


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("a house") / "var"


@pytest.fixture
def made(var: Path) -> Iterator[Made]:
    one = Made(var)
    yield one
    if one.process.poll() is None:
        os.killpg(one.process.pid, signal.SIGKILL)
        one.process.wait()
    assert processes.wait_until(lambda: one.left() == [], seconds=15), one.left()


def seconds_to_the_end(made: Made) -> float:
    asked = time.monotonic()
    assert processes.wait_until(lambda: made.process.poll() is not None and made.left() == [], seconds=30), made.left()
    return time.monotonic() - asked


def test_term_to_make_ends_servers_and_processes_within_ten_seconds(made, var):
    with urllib.request.urlopen(f"{made.address()}/console/login/", timeout=20) as answer:
        assert answer.status == 200
    assert stat.S_IMODE((var / "sign-in.txt").stat().st_mode) == 0o600
    made.process.send_signal(signal.SIGTERM)
    assert seconds_to_the_end(made) < 10


def test_ctrl_c_ends_a_second_start_which_made_no_people_again(made, var):
    before = (var / "sign-in.txt").read_text()
    assert "nobody could sign in yet" not in made.said.read_text()
    assert (var / "sign-in.txt").read_text() == before
    # A terminal sends it to the whole foreground group.
    os.killpg(made.process.pid, signal.SIGINT)
    assert seconds_to_the_end(made) < 10
