"""The script that makes the two roles in production, run for real on a server that has neither."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from governance.embedded import keyfiles, servers
from governance.embedded.binaries import postgres_binary
from governance.embedded.postgres_server import SUPERUSER, key_name
from tests.drills.house import ROOT

OWNER, APP = "an 'odd' password", "another"


@pytest.fixture(scope="module")
def sockets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server without the roles and the database that the embedded start makes; yields its socket folder."""
    var = tmp_path_factory.mktemp("roles") / "var"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OBELUS_EMBEDDED_FSYNC", "off")
        with servers(var) as urls:
            folder = urls.database_url.split("host=")[1]
            secret = keyfiles.password(var, key_name(SUPERUSER))
            run_script_without_roles(folder, secret)
            yield folder


def run_script_without_roles(folder: str, secret: str) -> None:
    with psycopg.connect(host=folder, user=SUPERUSER, password=secret, dbname="postgres", autocommit=True) as server:
        for thing in ("DATABASE obelus", "ROLE obelus_owner", "ROLE obelus_app"):
            server.execute(f"DROP {thing}")
    given = {"OBELUS_OWNER_PASSWORD": OWNER, "OBELUS_APP_PASSWORD": APP, "POSTGRES_USER": SUPERUSER}
    path = f"{postgres_binary('psql').parent}:{os.environ['PATH']}"
    script = ["sh", str(Path(ROOT, "deploy", "postgres-roles.sh"))]
    environment = {**os.environ, **given, "PATH": path, "PGHOST": folder, "PGPASSWORD": secret}
    subprocess.run(script, env=environment, check=True, capture_output=True)


def test_the_owner_may_make_tables_and_the_application_may_not(sockets):
    statement = "CREATE TABLE drill (id integer)"
    with psycopg.connect(host=sockets, user="obelus_owner", password=OWNER, dbname="obelus") as owner:
        owner.execute(statement)
        owner.rollback()
    with psycopg.connect(host=sockets, user="obelus_app", password=APP, dbname="obelus") as application:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            application.execute(statement)


def test_neither_role_is_a_superuser(sockets):
    with psycopg.connect(host=sockets, user="obelus_owner", password=OWNER, dbname="obelus") as owner:
        rows = owner.execute("SELECT rolname, rolsuper, rolcreaterole FROM pg_roles WHERE rolname LIKE 'obelus_%'")
        found = {name: rights for name, *rights in rows.fetchall()}
    assert (found["obelus_owner"], found["obelus_app"]) == ([False, False], [False, False])
