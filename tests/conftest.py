"""People, a database of this run's own, and the helpers every area shares."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dumps import dumped, load
from tests.made_once import made_once
from tests.plugin import NAME, TEMPLATE, drop, execute_as_owner, with_database

ROOT = Path(__file__).resolve().parents[1]


def make_template() -> None:
    """A database that nobody connects to: every other one is a copy of it.

    Each process of a run has a server of its own; the first to come migrates, and all of them load what it left. A run
    in one process migrates by itself: its server may be a given one, of a version that our pg_dump's words break.
    """
    server = os.environ["OBELUS_TEST_SERVER"]
    execute_as_owner(server, f'CREATE DATABASE "{TEMPLATE}"')
    template = with_database(server, TEMPLATE)
    if "PYTEST_XDIST_WORKER" in os.environ:
        load(made_once("migrated.sql", migrate_and_dump).read_bytes(), template)
    else:
        migrate(template)


def migrate(owner: str) -> None:
    environment = {**os.environ, "DATABASE_OWNER_URL": owner, "DATABASE_URL": owner}
    # Django's own checks are left to `manage.py tick` of the drills, which runs all of them.
    command = [sys.executable, str(ROOT / "manage.py"), "migrate", "--database", "owner", "-v0", "--skip-checks"]
    subprocess.run(command, env=environment, check=True)


def migrate_and_dump(place: Path) -> None:
    """As the owner, in a database that goes again."""
    server, name = os.environ["OBELUS_TEST_SERVER"], f"{NAME}_migrated"
    owner = with_database(server, name)
    execute_as_owner(server, f'CREATE DATABASE "{name}"')
    try:
        migrate(owner)
        place.write_bytes(dumped(owner))
    finally:
        drop(server, name)


@pytest.fixture(scope="session")
def database_template() -> Iterator[str]:
    make_template()
    yield TEMPLATE
    drop(os.environ["OBELUS_TEST_SERVER"], TEMPLATE)


@pytest.fixture(scope="session")
def django_db_setup(database_template: str, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """In place of Django's test databases: a copy of the template, used through the application's role."""
    from django.db import connections

    server = os.environ["OBELUS_TEST_SERVER"]
    execute_as_owner(server, f'CREATE DATABASE "{NAME}" TEMPLATE "{database_template}"')
    yield
    connections.close_all()
    drop(server, NAME)


class Folk:
    """Alice, Bob and the others: so that every test can ask "and may the stranger?"."""

    def __init__(self) -> None:
        from governance.people.services import create_person

        self.passwords: dict[str, str] = {}

        def make(name: str, *roles: str):
            user, self.passwords[name] = create_person(username=name, roles=list(roles))
            return user

        self.officer = make("olivia", "privacy_officer")
        self.operator = make("omar", "operator")
        self.approver = make("ann", "approver")
        self.second_approver = make("ben", "approver")
        self.auditor = make("agatha", "auditor")  # "ada" would be found in a reference by chance: those are hexadecimal
        self.both = make("percy", "privacy_officer", "approver")
        self.stranger = make("sam")


@pytest.fixture
def folk(db: None) -> Folk:
    return Folk()
