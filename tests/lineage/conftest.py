"""Each test has a store of its own, the tiny ward, and people."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from governance.actors import Actor, person
from tests.lineage.ward import Ward


@pytest.fixture(autouse=True)
def _own_store(settings: Any, tmp_path: Path) -> None:
    """Tests roll back rows, not files: each test has a store of its own."""
    settings.OBELUS_VAR = tmp_path


@pytest.fixture
def operator(folk: Any) -> Actor:
    return person(folk.operator, "operator")


@pytest.fixture
def ward(operator: Actor) -> Ward:
    return Ward(operator)


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A store with no room: the write itself fails as the operating system says it."""

    def fail(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
