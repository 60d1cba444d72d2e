"""Starting a child that cannot outlive us. The death signal follows the *thread* that starts the child."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from . import child
from .errors import FolderUnusableError, RootRefusedError, StartFailedError

_REMEDY = "name outside servers with DATABASE_URL, DATABASE_OWNER_URL and REDIS_URL"
# Nothing of the caller's: PGDATA, PGOPTIONS, LD_PRELOAD or a locale must not change what a server does.
SERVER_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def wrapped(command: Sequence[str], *, death_signal: signal.Signals, step_down: bool) -> list[str]:
    """Return the command that becomes `command` after tying its life to this process.

    `step_down` asks for the user namespace; it has an effect for root only.
    """
    as_whom = "nobody" if step_down and os.geteuid() == 0 else "same"
    shim = [sys.executable, "-I", "-S", child.__file__]
    return [*shim, str(os.getpid()), str(int(death_signal)), as_whom, *command]


def spawn(command: Sequence[str], *, stdin: bytes, log: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start a server in its own session, so that a terminal's Ctrl-C does not reach it."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=log,
        env=SERVER_ENVIRONMENT,
        start_new_session=True,
        umask=0o077,
        cwd="/",
    )
    assert process.stdin is not None
    try:
        process.stdin.write(stdin)
        process.stdin.close()
    except BrokenPipeError:  # it ended at once; whoever watches it sees that
        pass
    return process


def run_once(command: Sequence[str], *, stdin: bytes = b"", environment: Mapping[str, str] | None = None) -> None:
    """Run one preparing command of PostgreSQL to its end.

    Raises:
        StartFailedError: it failed; the message carries what it said last.
    """
    wrapped_command = wrapped(command, death_signal=signal.SIGTERM, step_down=True)
    done = subprocess.run(
        wrapped_command, input=stdin, capture_output=True, env=SERVER_ENVIRONMENT, cwd="/", umask=0o077, timeout=120
    )
    if done.returncode:
        said = (done.stderr or done.stdout).decode(errors="replace").strip()[-800:]
        raise StartFailedError(f"{Path(command[0]).name} ended with {done.returncode}: {said}")


def require_step_down(folder: Path, program: Path) -> None:
    """Make sure that a child which stepped down from root starts the program and reaches the folder.

    Raises:
        RootRefusedError: the system forbids user namespaces.
        FolderUnusableError: without root's powers the folder or the program is out of reach.
    """
    if os.geteuid() != 0:
        return
    probe = ["/bin/sh", "-c", 'cd "$1" && exec "$2" --version', "sh", str(folder), str(program)]
    command = wrapped(probe, death_signal=signal.SIGTERM, step_down=True)
    done = subprocess.run(command, capture_output=True, env=SERVER_ENVIRONMENT, cwd="/", timeout=30)
    said = done.stderr.decode(errors="replace").strip()
    if done.returncode == child.EXIT_NO_NAMESPACE:
        raise RootRefusedError(
            f"PostgreSQL refuses to run as root, and this system forbids stepping down ({said}): "
            f"run as an ordinary user, or {_REMEDY}"
        )
    if done.returncode:
        raise FolderUnusableError(
            f"PostgreSQL steps down from root and cannot reach {folder} or {program} ({said}): choose a folder that "
            f"root owns all the way (OBELUS_VAR, --var), run as the ordinary user who owns it, or {_REMEDY}"
        )
