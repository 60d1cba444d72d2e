"""SIGTERM: claim nothing more, hand every lease back, be gone within ten seconds whatever hangs."""

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from governance.jobs.leases import Held, hand_back

log = logging.getLogger("workers")
STOPPING = threading.Event()
CAUSE = "worker_stopped"
LAST_CALL_S = 0.7
_at_hand: set[Held] = set()


@contextmanager
def at_hand(held: Held) -> Iterator[None]:
    """Remember a lease for as long as its attempt lasts, so that it can be handed back when the attempt hangs."""
    _at_hand.add(held)
    try:
        yield
    finally:
        _at_hand.discard(held)


def stop() -> None:
    """Begin to stop. The attempts end by themselves; a disk or a database that hangs is not waited for."""
    STOPPING.set()
    timer = threading.Timer(settings.STOP_S, last_resort)
    timer.daemon = True
    timer.start()


def last_resort() -> None:
    """Hand back what is still held, and go. The runners end with us: their standard input closes."""
    log.error("this worker did not end in time; its leases are handed back now", extra={"count": len(_at_hand)})
    callers = [threading.Thread(target=hand_back_quietly, args=(held,), daemon=True) for held in set(_at_hand)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(LAST_CALL_S)
    os._exit(1)


def hand_back_quietly(held: Held) -> None:
    try:
        hand_back(held, cause=CAUSE)
    except Exception:
        log.warning("a lease could not be handed back; it will run out", extra={"job": held.ref})
