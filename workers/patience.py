"""Waiting out a database that is being restarted."""

import time
from collections.abc import Callable

from django.db import InterfaceError, OperationalError, connections


def patiently(act: Callable[[], None], *, seconds: float) -> None:
    """Call `act` until the database answers, at most `seconds` long; then the error is the caller's."""
    end = time.monotonic() + seconds
    while True:
        try:
            act()
            return
        except (OperationalError, InterfaceError):
            connections.close_all()
            if time.monotonic() > end:
                raise
            time.sleep(0.25)
