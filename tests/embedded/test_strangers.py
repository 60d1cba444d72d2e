"""Nobody else can log in, and the application's role may not touch what the owner made."""

import os
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from governance.embedded import ServerUrls, servers

NOBODY = 65534
ONCE = Retry(NoBackoff(), 0)


@pytest.fixture(scope="module")
def urls(made_var: Path):
    with servers(made_var) as found:
        yield found


def folder_of(urls: ServerUrls) -> str:
    return urls.database_url.partition("host=")[2]


def with_password(url: str, password: str) -> str:
    return url.replace(urlsplit(url).password, password)


def test_the_folder_of_the_sockets_is_closed_to_others(urls: ServerUrls) -> None:
    status = os.stat(folder_of(urls))
    assert (status.st_mode & 0o777, status.st_uid) == (0o700, os.geteuid())


def test_another_user_cannot_reach_a_socket(urls: ServerUrls) -> None:
    if os.geteuid() != 0:
        pytest.skip("NOT RUN: becoming another user needs root")
    for socket in (".s.PGSQL.5432", "redis.sock"):
        path = f"{folder_of(urls)}/{socket}"
        assert os.path.exists(path)
        tried = subprocess.run(["stat", path], user=NOBODY, group=NOBODY, extra_groups=[], cwd="/", capture_output=True)
        assert tried.returncode != 0 and b"Permission denied" in tried.stderr


@pytest.mark.parametrize("role", ["obelus_app", "obelus_owner", "obelus_superuser"])
def test_a_wrong_password_is_refused_even_with_the_socket(urls: ServerUrls, role: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(f"postgresql://{role}:wrong@/obelus?host={folder_of(urls)}")


def test_no_password_is_refused_for_the_superuser_and_for_redis(urls: ServerUrls) -> None:
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        psycopg.connect(f"postgresql://obelus_superuser@/postgres?host={folder_of(urls)}")
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(unix_socket_path=f"{folder_of(urls)}/redis.sock", retry=ONCE).ping()
    with pytest.raises(redis.AuthenticationError):
        redis.Redis.from_url(with_password(urls.redis_url, "wrong"), retry=ONCE).ping()


def test_the_application_may_neither_create_nor_truncate_nor_drop(urls: ServerUrls) -> None:
    with psycopg.connect(urls.database_owner_url, autocommit=True) as owner:
        owner.execute("create table if not exists entries (n int)")
        owner.execute("grant select, insert on entries to obelus_app")
    refused = ["create table mine (n int)", "truncate entries", "delete from entries", "drop table entries",
               "create database mine", "create role mine"]  # fmt: skip
    with psycopg.connect(urls.database_url, autocommit=True) as application:
        application.execute("insert into entries values (1)")
        for statement in refused:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                application.execute(statement)


def test_the_owner_may_make_databases_for_tests_and_is_no_superuser(urls: ServerUrls) -> None:
    with psycopg.connect(urls.database_owner_url, autocommit=True) as owner:
        owner.execute("drop database if exists test_obelus")
        owner.execute("create database test_obelus")
        owner.execute("drop database test_obelus")
        answer = owner.execute("select rolsuper, rolcreaterole from pg_roles where rolname = current_user").fetchone()
    assert answer == (False, False)


def test_no_password_shows_in_a_command_line_or_a_log(urls: ServerUrls, made_var: Path) -> None:
    secrets = [path.read_text().strip() for path in (made_var / "keys").iterdir()]
    lines = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.parent.name != str(os.getpid())]
    seen = b"".join(lines) + b"".join(path.read_bytes() for path in (made_var / "log").iterdir())
    assert len(secrets) == 4 and not [secret for secret in secrets if secret.encode() in seen]


def test_no_value_of_a_row_shows_in_the_log(urls: ServerUrls, made_var: Path) -> None:
    with psycopg.connect(urls.database_owner_url, autocommit=True) as owner:
        owner.execute("create table if not exists people (name text unique)")
        owner.execute("delete from people")
        owner.execute("insert into people values ('Ada Personal')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            owner.execute("insert into people values ('Ada Personal')")
    assert "Ada Personal" not in (made_var / "log" / "postgres.log").read_text()
