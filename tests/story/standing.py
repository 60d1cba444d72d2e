"""A world that is built once for a module of stories, in a transaction of the module's, with files of its own.

A test of such a module that builds another world meets this one's people and data sets, if they have the same names.
"""

import copy
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import pytest
from django.db import transaction
from django.test import override_settings

World = TypeVar("World")


@dataclass(frozen=True)
class Standing(Generic[World]):
    """What was built, and the folder of its objects."""

    world: World
    var: Path

    def as_built(self, settings: Any, folder: Path) -> World:
        """For one test: rows come back with the test's transaction, and files are copies under `folder`."""
        settings.OBELUS_VAR = shutil.copytree(self.var, folder / "var")
        return copy.deepcopy(self.world)


@contextmanager
def built_once(build: Callable[[], World], blocker: Any, folders: pytest.TempPathFactory) -> Iterator[Standing[World]]:
    """Build it now; all of it is gone afterwards. blocker: pytest-django's."""
    var = folders.mktemp("standing") / "var"
    with blocker.unblock(), transaction.atomic():
        with override_settings(OBELUS_VAR=var):
            world = build()
        yield Standing(world, var)
        transaction.set_rollback(True)
