"""Whose server the suite may use: its own in several processes, a given one, of whatever version, in one."""

from typing import Any

import pytest

from tests import conftest


@pytest.mark.parametrize("worker", ["", "gw0"])
def test_only_processes_with_servers_of_our_own_are_given_a_dump(monkeypatch: Any, worker: str) -> None:
    """pg_dump's text sets what a PostgreSQL before 17 does not know, and it reads no server newer than itself."""
    told: list[str] = []
    monkeypatch.setattr(conftest, "execute_as_owner", lambda *_: None)
    monkeypatch.setattr(conftest, "migrate", lambda _owner: told.append("migrate"))
    monkeypatch.setattr(conftest, "load", lambda *_: told.append("load"))
    monkeypatch.setattr(conftest, "made_once", lambda *_: type("Dump", (), {"read_bytes": lambda _: b""})())
    monkeypatch.setenv("PYTEST_XDIST_WORKER", worker) if worker else monkeypatch.delenv("PYTEST_XDIST_WORKER", False)
    conftest.make_template()
    assert told == (["load"] if worker else ["migrate"])
