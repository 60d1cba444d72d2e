"""The club, with people and laws."""

import pytest

from governance.intake.packs import install_packs
from tests.sentinels.club import Club


@pytest.fixture
def club(folk) -> Club:
    install_packs()
    return Club(folk)
