"""Both servers under one roof: a lock, a private folder for sockets, a thread that watches, an orderly end."""

import fcntl
import logging
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from . import keyfiles, processes, registry
from .errors import AlreadyRunningError, EmbeddedError, FolderUnusableError, StartFailedError
from .keeper import Keeper
from .postgres_server import APPLICATION, OWNER, PostgresServer
from .redis_server import RedisServer
from .urls import OutsideUrls, ServerUrls

LOOK_EVERY_SECONDS = 0.1
FIRST_START_SECONDS = 60.0
SOCKETS_PREFIX = "obelus-"
_LONGEST_SOCKET_FOLDER = 39  # the kernel allows 107 bytes for a socket's path; clients add their own names
log = logging.getLogger("obelus.embedded")


class Supervisor:
    """Runs the servers that are not given from outside. Use `servers` unless you must watch for failure yourself."""

    def __init__(self, *, var: Path, outside: OutsideUrls | None = None) -> None:
        self.var = var.absolute()
        self.outside = outside or OutsideUrls()
        self.urls: ServerUrls | None = None
        self.failure: BaseException | None = None
        self.ended = threading.Event()
        self._ready = threading.Event()
        self._stop = threading.Event()
        # All servers are children of this one thread, which ends last: their death signal follows it.
        self._thread = threading.Thread(target=self._run, name="obelus-servers", daemon=True)

    def start(self) -> ServerUrls:
        """Start and wait until every server takes clients.

        Raises:
            EmbeddedError: with what to do.
        """
        self._thread.start()
        try:
            while not self._ready.wait(0.05) and not self.ended.is_set():
                pass
        except BaseException:
            self.stop()
            raise
        self.raise_failure()
        assert self.urls is not None
        return self.urls

    def stop(self) -> None:
        """End every server and wait; harmless when they ended already."""
        self._stop.set()
        self._thread.join()

    def raise_failure(self) -> None:
        """Raise what ended the supervision, if something did."""
        if self.failure is not None:
            raise self.failure

    def _run(self) -> None:
        try:
            with _locked(self.var), _socket_folder(self.var) as sockets:
                self._supervise(sockets)
        except BaseException as error:  # handed to whoever waits in start(), or asks after the end
            self.failure = error
            if self._ready.is_set():
                log.critical("%s", error)
        finally:
            self.ended.set()

    def _supervise(self, sockets: Path) -> None:
        postgres, redis = PostgresServer(var=self.var, sockets=sockets), RedisServer(var=self.var, sockets=sockets)
        keepers = [] if self.outside.database_url else [Keeper(postgres)]
        keepers += [] if self.outside.redis_url else [Keeper(redis)]
        keyfiles.private_folder(self.var / "log")
        try:
            for keeper in keepers:
                keeper.prepare()
                keeper.start()
            self._await_first_start(keepers)
            if self._stop.is_set():
                return
            self.urls = ServerUrls(
                database_url=self.outside.database_url or postgres.url(APPLICATION),
                database_owner_url=self.outside.database_owner_url or postgres.url(OWNER),
                redis_url=self.outside.redis_url or redis.url(),
            )
            self._publish(keepers, sockets)
            self._ready.set()
            self._watch(keepers, sockets)
        finally:
            registry.remove(self.var)
            for keeper in keepers:
                keeper.ask_to_stop()
            for keeper in keepers:
                keeper.stop()

    def _await_first_start(self, keepers: list[Keeper]) -> None:
        deadline = time.monotonic() + FIRST_START_SECONDS
        late = keepers
        while late and not self._stop.wait(0.02):
            late = [keeper for keeper in keepers if not keeper.require_first_start()]
            if late and time.monotonic() > deadline:
                names = " and ".join(keeper.server.name for keeper in late)
                raise StartFailedError(
                    f"{names} not ready within {FIRST_START_SECONDS:.0f} s: read the logs in {self.var / 'log'}"
                )

    def _watch(self, keepers: list[Keeper], sockets: Path) -> None:
        while not self._stop.wait(LOOK_EVERY_SECONDS):
            changes = [keeper.look() for keeper in keepers]
            if any(changes):
                self._publish(keepers, sockets)

    def _publish(self, keepers: list[Keeper], sockets: Path) -> None:
        supervisor = processes.identify(os.getpid())
        assert supervisor is not None and self.urls is not None
        pids = {keeper.server.name: keeper.pid for keeper in keepers}
        registry.write(self.var, registry.Registration(supervisor, sockets, self.urls, pids))


@contextmanager
def servers(var: Path, *, outside: OutsideUrls | None = None) -> Iterator[ServerUrls]:
    """Run PostgreSQL and Redis on a folder for as long as the block lasts.

    Raises:
        AlreadyRunningError: another supervisor holds the folder.
        EmbeddedError: a server cannot start, or (at the end of the block) died more often than the cap allows.
    """
    supervisor = Supervisor(var=var, outside=outside)
    urls = supervisor.start()
    try:
        yield urls
    finally:
        supervisor.stop()
    supervisor.raise_failure()


@contextmanager
def _locked(var: Path) -> Iterator[None]:
    """Hold the folder's lock. The kernel lets go of it when the process dies, however it dies."""
    if sys.platform != "linux":
        raise EmbeddedError(
            f"expected Linux, whose kernel ends the servers with their supervisor; this is {sys.platform}: "
            "name outside servers with DATABASE_URL, DATABASE_OWNER_URL and REDIS_URL"
        )
    var.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = var / "supervisor.lock"
    try:
        lock = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+")
    except PermissionError as error:
        raise FolderUnusableError(f"expected to write in {var} ({error}): use a folder of your own (--var)") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = lock.read().strip() or "unknown"
            raise AlreadyRunningError(
                f"the servers of {var} are already run by the supervisor with pid {holder}: use them (they are found "
                f"by `servers.json`), stop it with `kill {holder}`, or use another folder (--var)"
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield
        lock.truncate(0)


@contextmanager
def _socket_folder(var: Path) -> Iterator[Path]:
    """Make a short private folder for the sockets; clear the one that a killed supervisor left."""
    stale = registry.read(var)
    if stale is not None:
        _remove_socket_folder(stale.sockets)
        registry.remove(var)
    folder = Path(tempfile.mkdtemp(prefix=SOCKETS_PREFIX, dir=_short_place()))  # mkdtemp: mode 700
    try:
        yield folder
    finally:
        _remove_socket_folder(folder)


def _short_place() -> Path:
    place = Path(os.environ.get("XDG_RUNTIME_DIR") or "/nowhere")
    is_short = len(str(place / f"{SOCKETS_PREFIX}12345678")) <= _LONGEST_SOCKET_FOLDER
    if is_short and place.is_dir() and place.stat().st_uid == os.geteuid() and os.access(place, os.W_OK):
        return place
    return Path("/tmp")  # noqa: S108 - TMPDIR may be long; mkdtemp makes a private folder in it


def _remove_socket_folder(folder: Path) -> None:
    with suppress(OSError):
        if folder.name.startswith(SOCKETS_PREFIX) and folder.lstat().st_uid == os.geteuid():
            shutil.rmtree(folder)
