"""The heartbeat of one attempt, from the claim to the record.

A thread of its own, because laying out and storing large files takes longer than a lease as well.
"""

import logging
import threading
import time
from types import TracebackType

from django.conf import settings
from django.db import InterfaceError, OperationalError, connections

from governance.jobs.leases import Held, cancel_wanted, heartbeat
from workers.folders import folder_of
from workers.progress import last_seen

log = logging.getLogger("workers")


class Pulse:
    """Renews the lease until the block ends. `lost` and `cancelled` are for the watcher of the runner to see."""

    def __init__(self, held: Held) -> None:
        self.held = held
        self.lost, self.cancelled = threading.Event(), threading.Event()
        self._over = threading.Event()
        self._sure_until = time.monotonic() + settings.LEASE_S
        self._thread = threading.Thread(target=self._beat_on, name=f"pulse {held.ref}", daemon=True)

    def __enter__(self) -> "Pulse":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join(settings.HEARTBEAT_S)

    def _beat_on(self) -> None:
        try:
            while not self._over.wait(settings.HEARTBEAT_S) and not self.lost.is_set():
                self._beat_or_wait()
        finally:
            connections.close_all()

    def _beat_or_wait(self) -> None:
        try:
            self._beat()
        except (OperationalError, InterfaceError):
            connections.close_all()
            # Without the database we can be sure of the lease only until it would have run out.
            if time.monotonic() > self._sure_until:
                self.lost.set()
        except Exception:
            log.exception("a heartbeat failed", extra={"job": self.held.ref, "token": self.held.token})

    def _beat(self) -> None:
        asked = time.monotonic()
        seen = last_seen(folder_of(self.held))
        if not heartbeat(self.held, phase=seen.phase, step=seen.step, steps=seen.steps, rate=seen.rate):
            self.lost.set()
            return
        self._sure_until = asked + settings.LEASE_S
        if cancel_wanted(self.held):
            self.cancelled.set()
