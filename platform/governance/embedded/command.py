"""Running one command beside the servers: its own process group, one signal for one Ctrl-C, nothing left after it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import FrameType

from . import processes, spawning
from .supervisor import Supervisor

# The servers need under a second to stop, and everything must end within 10.
GRACE_SECONDS = 8.0
_STRAGGLER_SECONDS = 1.0
_POLL_SECONDS = 0.05


class Signals:
    """Remembers what was asked of us; the handlers do nothing else."""

    def __init__(self) -> None:
        self.received: list[signal.Signals] = []

    @contextmanager
    def caught(self) -> Iterator["Signals"]:
        """Take SIGINT, SIGTERM and (unless nohup silenced it) SIGHUP for the length of the block."""
        numbers = [signal.SIGINT, signal.SIGTERM]
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            numbers.append(signal.SIGHUP)
        before = {number: signal.signal(number, self._remember) for number in numbers}
        try:
            yield self
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _remember(self, number: int, frame: FrameType | None) -> None:
        self.received.append(signal.Signals(number))


def run_beside(
    supervisor: Supervisor, command: Sequence[str], *, environment: Mapping[str, str], signals: Signals
) -> int:
    """Run the command to its end and return its exit code (128 + n when signal n ended it).

    The first signal we get is passed on once to the whole group, which then has `GRACE_SECONDS`. When the
    supervision fails the command is asked to end as well.
    """
    process = subprocess.Popen(
        spawning.wrapped(command, death_signal=signal.SIGTERM, step_down=False), env=environment, process_group=0
    )
    with _foreground(process.pid):
        deadline = None
        while process.poll() is None:
            _continue_if_stopped(process.pid)
            if deadline is None and (signals.received or supervisor.ended.is_set()):
                _signal_group(process.pid, signals.received[0] if signals.received else signal.SIGTERM)
                deadline = time.monotonic() + GRACE_SECONDS
            if deadline is not None and time.monotonic() > deadline:
                _signal_group(process.pid, signal.SIGKILL)
            time.sleep(_POLL_SECONDS)
    _end_stragglers(process.pid)
    return process.returncode if process.returncode >= 0 else 128 - process.returncode


def wait_for_signal(supervisor: Supervisor, signals: Signals) -> None:
    """Keep the servers up until a signal comes or the supervision ends."""
    while not signals.received and not supervisor.ended.wait(_POLL_SECONDS):
        pass


def _signal_group(group: int, number: signal.Signals) -> None:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return


def _end_stragglers(group: int) -> None:
    """End what the command left in its group: it would work on without its servers."""
    if _group_is_empty(group):
        return
    _signal_group(group, signal.SIGTERM)
    if not processes.wait_until(lambda: _group_is_empty(group), seconds=_STRAGGLER_SECONDS):
        _signal_group(group, signal.SIGKILL)


def _group_is_empty(group: int) -> bool:
    return group not in map(processes.group_of, processes.all_pids())


def _continue_if_stopped(pid: int) -> None:
    """Undo Ctrl-Z: the shell cannot see that the command stopped, and the terminal would hang."""
    if os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOHANG) is not None:
        _signal_group(pid, signal.SIGCONT)


@contextmanager
def _foreground(group: int) -> Iterator[None]:
    """Give the terminal to the command, when we have it: it may read, and Ctrl-C reaches it once, not twice."""
    terminal = sys.__stdin__.fileno() if sys.__stdin__ and sys.__stdin__.isatty() else None
    if terminal is None or os.tcgetpgrp(terminal) != os.getpgrp():
        yield
        return
    before = signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # or taking the terminal back would stop us
    os.tcsetpgrp(terminal, group)
    try:
        yield
    finally:
        with suppress(OSError):  # the terminal may be gone
            os.tcsetpgrp(terminal, os.getpgrp())
        signal.signal(signal.SIGTTOU, before)
