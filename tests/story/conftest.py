from pathlib import Path
from typing import Any

import pytest

from governance.intake.packs import install_packs
from tests.story.world import Clinic


@pytest.fixture
def own_store(settings: Any, tmp_path: Path) -> None:
    """A folder of objects for this test alone, which can be searched for what should be gone."""
    settings.OBELUS_VAR = tmp_path / "var"


@pytest.fixture
def clinic(folk) -> Clinic:
    install_packs()
    return Clinic(folk)
