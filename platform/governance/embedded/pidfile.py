"""PostgreSQL's pid files: cleared only when the process they speak of is surely another one, or none."""

from pathlib import Path

from . import processes
from .errors import AlreadyRunningError

_TOLERANCE_SECONDS = 5.0


def clear_if_stale(path: Path, *, data: Path) -> None:
    """Remove a pid file left by a dead postmaster whose number is now a zombie's or another program's.

    Call it only when no process works in the data folder any more (`processes.working_in`): the pid file is also
    the guard against backends that outlive their postmaster.

    Raises:
        AlreadyRunningError: pid, start time and command all say that the server is alive (it runs as another user).
    """
    try:
        lines = path.read_text().splitlines()
    except FileNotFoundError:
        return
    pid = abs(int(lines[0])) if lines and lines[0].strip().lstrip("-").isdigit() else 0
    if pid and not Path(f"/proc/{pid}").exists():
        return  # PostgreSQL clears this case itself, and checks its shared memory first
    if pid and _is_that_server(pid, lines, data):
        raise AlreadyRunningError(
            f"PostgreSQL (pid {pid}) already runs on {data}: stop it, or use another folder (--var)"
        )
    path.unlink(missing_ok=True)


def _is_that_server(pid: int, lines: list[str], data: Path) -> bool:
    if not processes.is_alive(pid) or processes.program_of(pid) != "postgres":
        return False
    if str(data) not in processes.command_of(pid):
        return False
    started, written = processes.started_at(pid), int(lines[2]) if len(lines) > 2 and lines[2].isdigit() else None
    return started is None or written is None or abs(started - written) < _TOLERANCE_SECONDS
