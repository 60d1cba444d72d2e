"""Keeping one server alive: start it, notice its death, start it again on the same socket, up to a cap."""

import logging
import os
import signal
import subprocess
import time
from collections import deque
from pathlib import Path
from typing import Protocol

from . import processes, spawning
from .errors import KeepsDyingError, StartFailedError

RESTARTS_CAP, RESTARTS_WINDOW_SECONDS = 5, 60.0
STOP_STEP_SECONDS = (5.0, 1.5, 1.5)  # together under the 10 seconds in which everything must end
# What an earlier run left ends by itself, but for a busy session whose postmaster was killed: it never looks up.
LEFTOVER_STEPS = ((None, 2.0), (signal.SIGTERM, 3.0), (signal.SIGQUIT, 1.5), (signal.SIGKILL, 1.5))
log = logging.getLogger("obelus.embedded")


class Server(Protocol):
    """What a keeper needs to know of a server."""

    name: str
    program: str
    var: Path
    sockets: Path
    data: Path
    death_signal: signal.Signals
    stop_signals: tuple[signal.Signals, ...]
    steps_down: bool

    def prepare(self) -> None:
        """Make what must exist before the first start."""

    def before_each_start(self) -> None:
        """Clear what a dead predecessor left."""

    def command(self) -> list[str]:
        """Return the command line."""

    def stdin(self) -> bytes:
        """Return what the server reads at its start."""

    def is_ready(self, pid: int) -> bool:
        """Say whether the server with this pid takes clients."""


class Keeper:
    """One server's process. Every call must come from one thread: the death signal follows it."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.process: subprocess.Popen[bytes] | None = None
        self.is_ready = False
        self._asked: signal.Signals | None = None
        self._deaths: deque[float] = deque()

    @property
    def pid(self) -> int | None:
        """The pid of a server that takes clients, None while it is down or coming up."""
        return self.process.pid if self.process and self.is_ready else None

    def prepare(self) -> None:
        """End what an earlier, killed supervisor left running on the data, then make what must exist."""
        self._end_leftovers()
        self.server.prepare()

    def start(self) -> None:
        """Start the process; it is ready when `look` says so."""
        self._end_leftovers()
        self.server.before_each_start()
        server = self.server
        command = spawning.wrapped(server.command(), death_signal=server.death_signal, step_down=server.steps_down)
        descriptor = os.open(self.log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "ab") as sink:
            self.process = spawning.spawn(command, stdin=server.stdin(), log=sink)
        self.is_ready = False

    def look(self) -> bool:
        """Look once, start again what died or was let go; say whether anything changed.

        Raises:
            KeepsDyingError: the cap on restarts is reached.
        """
        if self.is_held:
            return self._hold_down()
        if self.process is None:
            self.start()
            return True
        if self.process.poll() is not None:
            self._start_again()
            return True
        if not self.is_ready and self.server.is_ready(self.process.pid):
            self.is_ready = True
            log.info("%s is ready (pid %d)", self.server.name, self.process.pid)
            return True
        return False

    def require_first_start(self) -> bool:
        """Look once during the first start; say whether the server is ready.

        Raises:
            StartFailedError: it ended; the message carries the end of its log.
        """
        assert self.process is not None
        if self.process.poll() is not None:
            raise StartFailedError(
                f"{self.server.name} ended with {self.process.returncode} before it was ready; "
                f"the end of {self.log_path}:\n{self.log_tail()}"
            )
        self.is_ready = self.is_ready or self.server.is_ready(self.process.pid)
        return self.is_ready

    def ask_to_stop(self) -> None:
        """Send the first, gentle signal."""
        if self.process and self.process.poll() is None:
            self._asked = self.server.stop_signals[0]
            processes.send(self.process.pid, self._asked)

    def stop(self) -> None:
        """End the process, ever less gently, and wait for it."""
        self.is_ready = False
        if self.process is None:
            return
        for number, seconds in zip(self.server.stop_signals, STOP_STEP_SECONDS, strict=False):
            if self.process.poll() is None and number is not self._asked:
                processes.send(self.process.pid, number)
            try:
                self.process.wait(seconds)
                break
            except subprocess.TimeoutExpired:
                log.warning("%s (pid %d) did not end on %s", self.server.name, self.process.pid, number.name)
        self.process = None

    @property
    def is_held(self) -> bool:
        """Whether a drill asked that this server stay down (`drills.hold`)."""
        return hold_path(self.server.sockets, self.server.name).exists()

    @property
    def log_path(self) -> Path:
        """Where the server writes."""
        return self.server.var / "log" / f"{self.server.name}.log"

    def log_tail(self) -> str:
        """Return the end of the server's log, for a message."""
        return self.log_path.read_text(errors="replace")[-1200:].strip() if self.log_path.exists() else "(no log)"

    def _hold_down(self) -> bool:
        was_running = self.process is not None
        self.stop()
        if was_running:
            log.info("%s is held down", self.server.name)
        return was_running

    def _start_again(self) -> None:
        assert self.process is not None
        now = time.monotonic()
        while self._deaths and now - self._deaths[0] > RESTARTS_WINDOW_SECONDS:
            self._deaths.popleft()
        self._deaths.append(now)
        what = f"{self.server.name} (pid {self.process.pid}) ended with {self.process.returncode}"
        limit = f"{RESTARTS_CAP} restarts in {RESTARTS_WINDOW_SECONDS:.0f} s"
        if len(self._deaths) > RESTARTS_CAP:
            raise KeepsDyingError(f"{what} after {limit}: read the end of {self.log_path}:\n{self.log_tail()}")
        log.warning("%s; starting it again (%d of at most %s)", what, len(self._deaths), limit)
        self.process = None
        self.start()

    def _end_leftovers(self) -> None:
        """Wait for processes that still hold the data, then end them: two postmasters would destroy it.

        Only the first of a family is signalled, until the last resort: a checkpointer asked directly to stop
        would write its last checkpoint under running sessions.
        """
        for number, seconds in LEFTOVER_STEPS:
            pids = self._leftovers()
            for pid in pids:
                if number is not None and (number is signal.SIGKILL or processes.parent_of(pid) not in pids):
                    log.warning("%s (pid %d) of an earlier run lingers: %s", self.server.name, pid, number.name)
                    processes.send(pid, number)
            if processes.wait_until(lambda: not self._leftovers(), seconds=seconds):
                return
        raise StartFailedError(
            f"expected nobody to work in {self.server.data}, found {self.server.program} with pids "
            f"{self._leftovers()}, which do not end: stop them by hand"
        )

    def _leftovers(self) -> list[int]:
        return processes.working_in(self.server.data, self.server.program)


def hold_path(sockets: Path, name: str) -> Path:
    """Return the file whose presence keeps a server down; it lies beside the sockets and ends with them."""
    return sockets / f"{name}.hold"
