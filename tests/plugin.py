"""Loaded before Django's settings: real servers, and a database that belongs to this run alone.

With DATABASE_URL, DATABASE_OWNER_URL and REDIS_URL given, those servers are used; the databases are new all the same.
"""

import atexit
import os
import shutil
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from governance.embedded import servers

STACK = ExitStack()
atexit.register(STACK.close)
NAME = f"obelus_test_{os.getpid()}"
TEMPLATE = f"{NAME}_template"
MADE_HERE = "OBELUS_TEST_SERVERS_MADE_HERE"


def with_database(url: str, name: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{name}"))


def drop(owner_url: str, name: str) -> None:
    """Drop a database; an autovacuum worker in it, which only a superuser could end, is waited for."""
    for _ in range(20):
        try:
            execute_as_owner(owner_url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            return
        except psycopg.errors.InsufficientPrivilege:
            time.sleep(0.5)


def execute_as_owner(owner_url: str, statement: str) -> None:
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[call-overload]


def give_back_what_was_inherited() -> None:
    """A process that pytest-xdist starts inherits the addresses of its parent's servers and needs servers of its own.

    Two processes on one Redis would count each other's attempts and flush each other's keys.
    """
    for name in os.environ.pop(MADE_HERE, "").split():
        os.environ.pop(name, None)
    if "PYTEST_XDIST_WORKER" in os.environ and os.environ.get("DATABASE_OWNER_URL"):
        raise SystemExit("The suite needs servers of its own to run in several processes; with given ones use -n 0.")


def begin() -> None:
    var = Path(tempfile.mkdtemp(prefix="obelus-test-"))
    STACK.callback(shutil.rmtree, var, ignore_errors=True)
    os.environ["OBELUS_ENV"] = "test"
    os.environ["OBELUS_VAR"] = str(var)
    if "PYTEST_XDIST_WORKER" not in os.environ:  # a process of a run takes the run's folder (tests/made_once.py)
        os.environ["OBELUS_TEST_SHARED"] = tempfile.mkdtemp(prefix="obelus-test-shared-")
        STACK.callback(shutil.rmtree, os.environ["OBELUS_TEST_SHARED"], ignore_errors=True)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OBELUS_LOG_LEVEL", "ERROR")
    give_back_what_was_inherited()
    if not os.environ.get("DATABASE_URL"):
        os.environ["OBELUS_EMBEDDED_FSYNC"] = "off"
        given = STACK.enter_context(servers(var=var)).environment()
        os.environ.update({**given, MADE_HERE: " ".join(given)})
    os.environ["OBELUS_TEST_SERVER"] = os.environ["DATABASE_OWNER_URL"]
    os.environ["OBELUS_TEST_TEMPLATE"] = TEMPLATE
    for variable in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        os.environ[variable] = with_database(os.environ[variable], NAME)


begin()
