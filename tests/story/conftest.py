import copy
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from governance.intake.packs import install_packs
from tests.conftest import Folk
from tests.story.world import Clinic


@pytest.fixture
def own_store(settings: Any, tmp_path: Path) -> None:
    """A folder of objects for this test alone, which can be searched for what should be gone."""
    settings.OBELUS_VAR = tmp_path / "var"


@pytest.fixture(scope="module")
def standing(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Clinic, Path]]:
    """A clinic that is built once for a module, in a transaction of the module's, and the folder of its objects.

    A test of such a module that builds a clinic of its own would meet this one's people and data sets.
    """
    var = tmp_path_factory.mktemp("clinic") / "var"
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(OBELUS_VAR=var):
            install_packs()
            clinic = Clinic(Folk())
        yield clinic, var
        transaction.set_rollback(True)


@pytest.fixture
def clinic(standing: tuple[Clinic, Path], db: None, settings: Any, tmp_path: Path) -> Clinic:
    """The standing clinic as it was built: its rows come back with the test's transaction, its files are copies."""
    built, var = standing
    settings.OBELUS_VAR = shutil.copytree(var, tmp_path / "var")
    return copy.deepcopy(built)
