"""What the audits are run against in these tests."""

from __future__ import annotations

import pytest

from tests.audit_of_certificates.broken import BROKEN
from unlearning.audit import Subject


@pytest.fixture(params=BROKEN, ids=lambda name: name.replace(" ", "-"))
def broken(request: pytest.FixtureRequest) -> Subject:
    return BROKEN[request.param]
