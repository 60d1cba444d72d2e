"""Letting seeded things happen at a moment of our choice, so that a page tells a story of weeks."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from unittest.mock import patch

from django.utils import timezone

REAL_NOW = timezone.now


@contextmanager
def days_ago(days: float) -> Iterator[datetime]:
    """Everything that asks Django for the time inside gets this moment, a little later each time."""
    moment = REAL_NOW() - timedelta(days=days)
    ticks = 0

    def later() -> datetime:
        nonlocal ticks
        ticks += 1
        return moment + timedelta(milliseconds=40 * ticks)

    with patch("django.utils.timezone.now", later):
        yield moment
