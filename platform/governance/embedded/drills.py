"""Breaking a running supervisor's servers on purpose, from another process. For drills and tests only.

Every function takes the folder (`var`) of the supervisor and a name, "postgres" or "redis". `hold` and `release` are
orderly (nothing is lost, the cap on restarts is not touched); `kill` is kill -9, and counts towards the cap.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import keeper, processes, registry
from .errors import EmbeddedError

PATIENCE_SECONDS = 20.0


class DrillError(EmbeddedError):
    """The supervisor did not do in time what a drill waits for."""


def pid_of(var: Path, name: str) -> int | None:
    """Return the pid of a server that takes clients, None while it is down."""
    pid = _registration(var).servers.get(name)
    return pid if pid is not None and processes.is_alive(pid) else None


def hold(var: Path, name: str) -> None:
    """Stop a server in good order and keep it down until `release`."""
    registration = _registration(var)
    keeper.hold_path(registration.sockets, name).touch(mode=0o600)
    _await(lambda: _registration(var).servers.get(name) is None, f"{name} to be held down")


def release(var: Path, name: str) -> int:
    """Let a held server start again; return its new pid once it takes clients."""
    keeper.hold_path(_registration(var).sockets, name).unlink(missing_ok=True)
    return await_ready(var, name)


def restart(var: Path, name: str) -> int:
    """Stop a server in good order and start it again; return its new pid once it takes clients."""
    hold(var, name)
    return release(var, name)


@contextmanager
def held_down(var: Path, name: str) -> Iterator[None]:
    """Keep a server down for the length of the block."""
    hold(var, name)
    try:
        yield
    finally:
        release(var, name)


def kill(var: Path, name: str) -> int:
    """Kill a server with SIGKILL and return the pid it had; the supervisor starts it again by itself."""
    pid = await_ready(var, name)
    processes.send(pid, signal.SIGKILL)
    _await(lambda: not processes.is_alive(pid), f"{name} (pid {pid}) to die")
    return pid


def kill_supervisor(var: Path) -> int:
    """Kill the supervisor with SIGKILL and return the pid it had; its servers end by themselves."""
    pid = _registration(var).supervisor.pid
    processes.send(pid, signal.SIGKILL)
    _await(lambda: not processes.is_alive(pid), f"the supervisor (pid {pid}) to die")
    return pid


def await_ready(var: Path, name: str) -> int:
    """Wait until a server takes clients and return its pid."""
    _await(lambda: pid_of(var, name) is not None, f"{name} to take clients")
    pid = pid_of(var, name)
    if pid is None:
        raise DrillError(f"{name} took clients and died again at once: read {var / 'log'}")
    return pid


def _registration(var: Path) -> registry.Registration:
    registration = registry.read_running(var)
    if registration is None:
        raise DrillError(f"expected a running supervisor on {var}, found none: start `python -m governance.embedded`")
    return registration


def _await(condition: processes.Condition, what: str) -> None:
    if not processes.wait_until(condition, seconds=PATIENCE_SECONDS):
        raise DrillError(f"waited {PATIENCE_SECONDS:.0f} s in vain for {what}: read the supervisor's output")
