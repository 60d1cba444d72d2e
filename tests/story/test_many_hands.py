"""What two people do in the same moment: on real connections and committed rows, in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.plugin import execute_as_owner, with_database

pytestmark = pytest.mark.slow  # a house and a process of its own
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def seen(database_template: str, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What tests/story/many_hands.py saw, in a copy of the template of its own."""
    server, name = os.environ["OBELUS_TEST_SERVER"], f"obelus_hands_{os.getpid()}"
    execute_as_owner(server, f'CREATE DATABASE "{name}" TEMPLATE "{database_template}"')
    urls = {which: with_database(os.environ[which], name) for which in ("DATABASE_URL", "DATABASE_OWNER_URL")}
    places = {"OBELUS_VAR": str(tmp_path_factory.mktemp("hands")), "DJANGO_SETTINGS_MODULE": "governance.settings"}
    command = [sys.executable, "-m", "tests.story.many_hands"]
    try:
        done = subprocess.run(
            command, env={**os.environ, **urls, **places}, cwd=ROOT, capture_output=True, text=True, timeout=200
        )
        assert done.returncode == 0, done.stderr[-3000:]
        yield json.loads(done.stdout.splitlines()[-1])
    finally:
        execute_as_owner(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def test_of_two_releases_that_are_signed_in_one_moment_only_as_many_are_published_as_fit_under_the_cap(seen: Any):
    assert seen["publishing"] == {"said": ["done", "gate_shut"], "published": 1}


def test_of_two_people_who_confirm_a_plan_one_becomes_its_proposer_and_nothing_is_done_twice(seen: Any):
    assert seen["confirming"] == {
        "said": ["done", "nothing_due"],
        "moves": 1,
        "confirmed": 1,
        "jobs": 1,
        "versions": 2,
        "proposers": 1,
    }


def test_approvals_given_in_one_moment_count_once_for_each_person_and_ring_once(seen: Any):
    assert seen["approving"] == {
        "said": ["done", "done", "four_eyes"],
        "status": "approved",
        "approvals": 2,
        "moves": 1,
        "approved": 2,
        "rung": 1,
    }


def test_a_plan_that_ends_and_a_scope_that_is_confirmed_never_wait_for_each_other(seen: Any):
    assert seen["ending"] == {
        "said": ["done", "done"],
        "plan": "closed",
        "in_force": 1,
        "dispositions": ["unlearned", "unlearned"],
        "requests": ["fulfilled"],
    }
