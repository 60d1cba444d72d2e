"""Both servers under one roof: a thread that starts them, watches them and ends them in good order."""

import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import keyfiles, processes, registry
from .errors import StartFailedError
from .keeper import Keeper
from .places import locked, socket_folder
from .postgres_server import APPLICATION, OWNER, PostgresServer
from .redis_server import RedisServer
from .urls import OutsideUrls, ServerUrls

LOOK_EVERY_SECONDS = 0.1
FIRST_START_SECONDS = 60.0
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

    def start(self, *, is_interrupted: processes.Condition = lambda: False) -> ServerUrls | None:
        """Start and wait until every server takes clients; None when interrupted before that.

        Raises:
            EmbeddedError: with what to do.
        """
        self._thread.start()
        try:
            while not self._ready.wait(0.02) and not self.ended.is_set() and not is_interrupted():
                pass
        except BaseException:
            self.stop()
            raise
        if not self._ready.is_set():
            self.stop()
        self.raise_failure()
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
            with locked(self.var) as lock, socket_folder(lock) as sockets:
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
                if self._stop.is_set():
                    return
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
    assert urls is not None  # nothing interrupts this start but an exception
    try:
        yield urls
    finally:
        supervisor.stop()
    supervisor.raise_failure()
