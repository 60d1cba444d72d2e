"""One house for each module of tests, rolled back at its end; and a loud word when no browser was found."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from tests.console import chromium
from tests.console.world import World, build


@pytest.fixture(scope="module")
def house(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Built once inside a transaction of the module's; each test's own transaction nests in it."""
    whole = transaction.atomic()
    with django_db_blocker.unblock():
        whole.__enter__()
        world = build(patients=24)
    yield world
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        whole.__exit__(None, None, None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without a Chromium the browser tests are taken out, and named at the end of the run."""
    if chromium.found() is not None:
        return
    without = [item for item in items if item.get_closest_marker("browser")]
    chromium.NOT_RUN.extend(item.nodeid for item in without)
    config.hook.pytest_deselected(items=without)
    items[:] = [item for item in items if item not in without]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """What was not run is said loudly, never silently left out."""
    if chromium.NOT_RUN:
        terminalreporter.section("BROWSER TESTS WERE NOT RUN", sep="!", red=True, bold=True)
        terminalreporter.line(f"No Chromium was found ({', '.join(chromium.PLACES)}). Not run:")
        for name in chromium.NOT_RUN:
            terminalreporter.line(f"  {name}")
        terminalreporter.line("Install it (Debian: apt-get install chromium) and run: pytest tests/console -m browser")
