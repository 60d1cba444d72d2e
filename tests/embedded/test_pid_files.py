"""Stale pid files: a dead, recycled or zombie pid is cleared; a living server's is not."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from governance.embedded import AlreadyRunningError, running, servers
from governance.embedded.pidfile import clear_if_stale
from governance.embedded.processes import is_alive, started_at, wait_until


def write_pid_file(path: Path, pid: int, *, started: float, data: Path) -> None:
    path.write_text(f"{pid}\n{data}\n{int(started)}\n5432\n/tmp/none\n\n  1234 5678\nready   \n")


@pytest.fixture
def sleeper() -> Iterator[int]:
    process = subprocess.Popen(["sleep", "60"])
    yield process.pid
    process.kill()
    process.wait()


@pytest.fixture
def zombie() -> Iterator[int]:
    process = subprocess.Popen(["true"])
    assert wait_until(lambda: not is_alive(process.pid), seconds=5)  # ended, and not waited for: a zombie
    assert Path(f"/proc/{process.pid}").exists()
    yield process.pid
    process.wait()


@pytest.fixture
def look_alike(tmp_path: Path) -> Iterator[int]:
    """A living process that is called postgres and names our data folder."""
    program = tmp_path / "postgres"
    shutil.copy(shutil.which("sh"), program)
    process = subprocess.Popen([program, "-c", "sleep 60; true", "-D", str(tmp_path / "data")])
    yield process.pid
    process.kill()
    process.wait()


def test_a_recycled_pid_is_cleared(tmp_path: Path, sleeper: int) -> None:
    path = tmp_path / "postmaster.pid"
    write_pid_file(path, sleeper, started=time.time(), data=tmp_path / "data")
    clear_if_stale(path, data=tmp_path / "data")
    assert not path.exists()


def test_a_zombies_pid_is_cleared(tmp_path: Path, zombie: int) -> None:
    path = tmp_path / "postmaster.pid"
    write_pid_file(path, zombie, started=time.time(), data=tmp_path / "data")
    clear_if_stale(path, data=tmp_path / "data")
    assert not path.exists()


def test_a_living_servers_pid_file_is_kept_and_named(tmp_path: Path, look_alike: int) -> None:
    path = tmp_path / "postmaster.pid"
    write_pid_file(path, look_alike, started=time.time(), data=tmp_path / "data")
    with pytest.raises(AlreadyRunningError, match=str(look_alike)):
        clear_if_stale(path, data=tmp_path / "data")
    assert path.exists()


def test_the_same_pid_and_command_of_another_time_is_stale(tmp_path: Path, look_alike: int) -> None:
    path = tmp_path / "postmaster.pid"
    write_pid_file(path, look_alike, started=time.time() - 3600, data=tmp_path / "data")
    clear_if_stale(path, data=tmp_path / "data")
    assert not path.exists()


def test_the_same_pid_and_time_on_another_folder_is_stale(tmp_path: Path, look_alike: int) -> None:
    path = tmp_path / "postmaster.pid"
    write_pid_file(path, look_alike, started=time.time(), data=tmp_path / "other")
    clear_if_stale(path, data=tmp_path / "other")
    assert not path.exists()


def test_start_times_agree_with_the_clock(sleeper: int) -> None:
    assert abs(started_at(sleeper) - time.time()) < 3


@pytest.mark.parametrize("kind", ["sleeper", "zombie"])
def test_a_stale_pid_file_does_not_stop_the_next_start(request, made_var: Path, kind: str) -> None:
    pid = request.getfixturevalue(kind)
    write_pid_file(made_var / "postgres" / "postmaster.pid", pid, started=time.time(), data=made_var / "postgres")
    with servers(made_var) as urls:
        assert running(made_var) == urls
