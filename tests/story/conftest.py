from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from governance.intake.packs import install_packs
from tests.conftest import Folk
from tests.story.networks import NetworkClinic
from tests.story.standing import Standing, built_once
from tests.story.world import Clinic


@pytest.fixture
def own_store(settings: Any, tmp_path: Path) -> None:
    """A folder of objects for this test alone, which can be searched for what should be gone."""
    settings.OBELUS_VAR = tmp_path / "var"


def opened() -> Clinic:
    install_packs()
    return Clinic(Folk())


@pytest.fixture(scope="module")
def standing_clinic(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Standing[Clinic]]:
    with built_once(opened, django_db_blocker, tmp_path_factory) as found:
        yield found


@pytest.fixture
def clinic(standing_clinic: Standing[Clinic], db: None, settings: Any, tmp_path: Path) -> Clinic:
    """The clinic as it was built once for the module."""
    return standing_clinic.as_built(settings, tmp_path)


@pytest.fixture(scope="module")
def standing_network(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Standing[NetworkClinic]]:
    with built_once(lambda: NetworkClinic(Folk()), django_db_blocker, tmp_path_factory) as found:
        yield found
