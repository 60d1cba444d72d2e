"""Waiting out a database that is being restarted."""

import time
from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connections

from workers.stopping import STOPPING

T = TypeVar("T")
LOOK_AGAIN_S = 0.25


def patiently(act: Callable[[], T]) -> T:
    """Call `act` until the database answers, or until this worker is told to stop; then the error is the caller's.

    There is no limit of time: while the database is away nobody else can take the job, and if only we are cut off
    from it, the fencing token decides when we are back.
    """
    while True:
        try:
            return act()
        except (OperationalError, InterfaceError):
            connections.close_all()
            if STOPPING.wait(LOOK_AGAIN_S):
                raise


def within(seconds: float, act: Callable[[], T]) -> T:
    """The same, but for things that somebody else will do when we give up."""
    end = time.monotonic() + seconds
    while True:
        try:
            return act()
        except (OperationalError, InterfaceError):
            connections.close_all()
            if time.monotonic() > end or STOPPING.wait(LOOK_AGAIN_S):
                raise
