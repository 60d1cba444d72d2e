"""The lock on a folder, and the short private folder for sockets that comes and goes with it."""

import fcntl
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from .errors import AlreadyRunningError, EmbeddedError, FolderUnusableError

SOCKETS_PREFIX = "obelus-"
_LONGEST_SOCKET_FOLDER = 39  # the kernel allows 107 bytes for a socket's path; clients add their own names


@contextmanager
def locked(var: Path) -> Iterator[IO[str]]:
    """Hold the folder's lock and yield its file. The kernel lets go of it when the process dies, however it dies.

    Raises:
        AlreadyRunningError: another supervisor holds it; the message names its pid.
        FolderUnusableError: the folder cannot be made or written.
        EmbeddedError: this is not Linux.
    """
    if sys.platform != "linux":
        raise EmbeddedError(
            f"expected Linux, whose kernel ends the servers with their supervisor; this is {sys.platform}: "
            "name outside servers with DATABASE_URL, DATABASE_OWNER_URL and REDIS_URL"
        )
    try:
        var.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.fdopen(os.open(var / "supervisor.lock", os.O_RDWR | os.O_CREAT, 0o600), "r+")
    except OSError as error:
        raise FolderUnusableError(f"expected to write in {var} ({error}): use a folder of your own (--var)") from error
    with lock:
        _take(lock, var)
        yield lock


@contextmanager
def socket_folder(lock: IO[str]) -> Iterator[Path]:
    """Make a short private folder for the sockets, and clear the one that a killed supervisor left.

    The lock's file says (pid, folder) of who held it last: the one record that is written before any server runs.
    """
    lock.seek(0)
    for line in lock.read().splitlines()[1:]:
        _remove(Path(line))
    folder = Path(tempfile.mkdtemp(prefix=SOCKETS_PREFIX, dir=_short_place()))  # mkdtemp: mode 700
    try:
        _rewrite(lock, f"{os.getpid()}\n{folder}\n")
        yield folder
    finally:
        _remove(folder)
        _rewrite(lock, "")


def _take(lock: IO[str], var: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = (lock.read().splitlines() or ["unknown"])[0]
        raise AlreadyRunningError(
            f"the servers of {var} are already run by the supervisor with pid {holder}: use them (`servers.json` "
            f"there names them), stop it with `kill {holder}`, or use another folder (--var)"
        ) from None


def _rewrite(lock: IO[str], text: str) -> None:
    lock.seek(0)
    lock.truncate()
    lock.write(text)
    lock.flush()


def _short_place() -> Path:
    place = Path(os.environ.get("XDG_RUNTIME_DIR") or "/nowhere")
    is_short = len(str(place / f"{SOCKETS_PREFIX}12345678")) <= _LONGEST_SOCKET_FOLDER
    if is_short and place.is_dir() and place.stat().st_uid == os.geteuid() and os.access(place, os.W_OK):
        return place
    return Path("/tmp")  # noqa: S108 - TMPDIR may be long; mkdtemp makes a private folder in it


def _remove(folder: Path) -> None:
    with suppress(OSError):
        if folder.name.startswith(SOCKETS_PREFIX) and folder.lstat().st_uid == os.geteuid():
            shutil.rmtree(folder)
