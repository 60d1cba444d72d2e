"""Jobs on the noop engine, and short ways to a state."""

from collections.abc import Callable
from typing import Any

import pytest

from governance.actors import SYSTEM
from governance.jobs.leases import Held, claim
from governance.jobs.models import Job
from governance.jobs.submission import submit


@pytest.fixture
def new_job(db: None) -> Callable[..., Job]:
    def make(**options: Any) -> Job:
        return submit(engine="noop", params={"steps": 1}, actor=SYSTEM, **options)

    return make


@pytest.fixture
def held_job(new_job: Callable[..., Job]) -> Callable[..., tuple[Job, Held]]:
    """A job that a worker has just claimed."""

    def make(**options: Any) -> tuple[Job, Held]:
        job = new_job(**options)
        held = claim(job.ref, worker="w1")
        assert held is not None
        return job, held

    return make
