"""What /proc says about processes. A zombie counts as dead: where nobody reaps, it would look alive for ever."""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Condition = Callable[[], bool]
# Fields 3, 4, 5 and 22 of /proc/PID/stat, counted after the name, which may hold spaces.
_STATE, _PARENT, _GROUP, _START_TICKS = 0, 1, 2, 19
_DEAD = ("Z", "X")


@dataclass(frozen=True)
class Identity:
    """A process that cannot be mistaken for a later one with the same number: a boot, a pid, a start."""

    pid: int
    start_ticks: int
    boot: str


def identify(pid: int) -> Identity | None:
    """Return the identity of a living process, or None when it is dead or a zombie."""
    fields = _stat(pid)
    if fields is None or fields[_STATE] in _DEAD:
        return None
    return Identity(pid=pid, start_ticks=int(fields[_START_TICKS]), boot=_boot_id())


def is_alive(pid: int) -> bool:
    """Say whether a process with this number lives; a zombie does not."""
    fields = _stat(pid)
    return fields is not None and fields[_STATE] not in _DEAD


def group_of(pid: int) -> int | None:
    """Return the process group of a living process."""
    fields = _stat(pid)
    return int(fields[_GROUP]) if fields is not None and fields[_STATE] not in _DEAD else None


def parent_of(pid: int) -> int | None:
    """Return the parent's pid, None when the process is gone."""
    fields = _stat(pid)
    return int(fields[_PARENT]) if fields is not None else None


def started_at(pid: int) -> float | None:
    """Return when a process started, in seconds since 1970, to about a second."""
    fields = _stat(pid)
    if fields is None:
        return None
    boot_line = next(line for line in Path("/proc/stat").read_text().splitlines() if line.startswith("btime "))
    return float(boot_line.split()[1]) + int(fields[_START_TICKS]) / os.sysconf("SC_CLK_TCK")


def program_of(pid: int) -> str:
    """Return the name of the program a process runs, or "" when it may not be seen."""
    try:
        return Path(os.readlink(f"/proc/{pid}/exe").removesuffix(" (deleted)")).name
    except OSError:
        return Path(command_of(pid)[0]).name if command_of(pid) else ""


def command_of(pid: int) -> list[str]:
    """Return a process's command line, which every user may read, or [] when it is gone."""
    try:
        return [os.fsdecode(part) for part in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")]
    except OSError:
        return []


def working_in(folder: Path, program: str) -> list[int]:
    """Return the living processes of one program whose working folder is this one.

    PostgreSQL (postmaster and backends) and Redis both move into their data folder, so this finds every
    process that still holds the data, whatever a pid file says.
    """
    found = []
    for pid in all_pids():
        try:
            working_folder = os.readlink(f"/proc/{pid}/cwd").removesuffix(" (deleted)")
        except OSError:  # gone, a zombie, or another user's
            continue
        if working_folder == str(folder) and program_of(pid) == program and is_alive(pid):
            found.append(pid)
    return found


def all_pids() -> list[int]:
    """Return every process there is."""
    return [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]


def send(pid: int, number: signal.Signals) -> None:
    """Signal a process that may be gone already."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def wait_until(condition: Condition, *, seconds: float, every_seconds: float = 0.05) -> bool:
    """Wait for a condition; say whether it came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(every_seconds)
    return True


def _stat(pid: int) -> list[str] | None:
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None


def _boot_id() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
