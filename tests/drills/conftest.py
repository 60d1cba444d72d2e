"""One house for all drills of a session; what must be true after each of them."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from governance.embedded.processes import wait_until
from tests.drills.house import House, kill
from tests.plugin import with_database


@pytest.fixture(scope="session")
def standing_house(database_template: str) -> Iterator[House]:
    house = House(Path(tempfile.mkdtemp(prefix="obelus-drill-")) / "var")
    try:
        house.open(with_database(os.environ["OBELUS_TEST_SERVER"], database_template))
        house.tick()
        yield house
    finally:
        house.close()


@pytest.fixture
def house(standing_house: House) -> Iterator[House]:
    """The house with one tick, nothing held, and nothing left of the drill before."""
    if not standing_house.ticks():
        standing_house.tick()
    yield standing_house
    standing_house.release()
    for extra in [*standing_house.workers()[1:], *standing_house.ticks()[1:]]:
        kill(extra)


def assert_sound(house: House) -> None:
    """No orphan, no folder, nothing in the store that no job refers to, a log that checks."""
    assert wait_until(lambda: not house.runners(), seconds=8), [house.runners(), house.log_of("worker")]
    assert wait_until(lambda: not house.folders(), seconds=8), [house.folders(), house.log_of("worker")]
    assert wait_until(lambda: house.ask("store")["claims"] == 0, seconds=8), house.ask("store")
    store = house.ask("store")
    assert (store["pending"], store["unreferenced"], store["faults"]) == (0, [], [])
    # A second draw that was held and never recorded has a file and a row, and no job that names it.
    assert store["held_for_nothing"] == []


def assert_once(house: House, facts: list[dict[str, Any]]) -> None:
    """Each job succeeded, once, with one draw of its own."""
    assert [fact["status"] for fact in facts] == ["succeeded"] * len(facts), [facts, house.log_of("worker")]
    assert [(fact["succeeded"], fact["recorded"]) for fact in facts] == [(1, 1)] * len(facts)
    held = house.ask("store")["held"]
    draws = [fact["weights"] for fact in facts]
    assert len(set(draws)) == len(draws) and set(draws) <= set(held)
