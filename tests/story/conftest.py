import pytest

from governance.intake.packs import install_packs
from tests.story.world import Clinic


@pytest.fixture
def clinic(folk) -> Clinic:
    install_packs()
    return Clinic(folk)
