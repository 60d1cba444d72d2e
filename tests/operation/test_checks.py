"""The ground the house stands on: each check sees its own kind of trouble."""

import shutil
from pathlib import Path

import pytest
from django.db import OperationalError

from governance.api import health
from governance.audit.sequencer import catch_up
from governance.objects import store
from governance.operation import checks
from tests.operation import things

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_store_of_its_own(settings, tmp_path_factory):
    settings.OBELUS_VAR = tmp_path_factory.mktemp("var")


def problems() -> dict[str, str]:
    looked = {check.name: check.look() for check in checks.all_checks()}
    return {name: said for name, said in looked.items() if said}


def test_a_sound_house_has_no_problem():
    catch_up()
    assert problems() == {}


@pytest.mark.parametrize(("name", "question"), [("database", "database"), ("redis", "doorbell")])
def test_a_server_that_is_away_is_named_without_its_address(monkeypatch, name, question):
    def away() -> bool:
        raise OperationalError("connection to 10.0.0.1 with password hunter2 failed")

    monkeypatch.setattr(health, question, away)
    assert problems()[name] == "it does not answer (OperationalError)"


def test_without_a_database_nothing_is_claimed_about_what_lies_in_it(monkeypatch):
    monkeypatch.setattr(health, "database", lambda: False)
    names = {check.name for check in checks.all_checks()}
    assert names == {"database", "redis", "disk", "keys"}
    assert problems() == {"database": "it does not answer"}


def test_an_unnumbered_entry_means_that_no_tick_runs(monkeypatch):
    monkeypatch.setattr(health, "LOG_LAG_S", -1)
    things.noop()
    assert "log" in problems()


def test_a_full_disk_is_seen(monkeypatch):
    usage = shutil.disk_usage("/")._replace(free=10_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda place: usage)
    assert problems()["disk"] == "0.01 GB are free, expected 1.07 at least"


def test_a_key_that_others_may_read_is_named(settings, tmp_path):
    settings.KEYS = tmp_path
    tmp_path.chmod(0o700)
    for name, mode in {"release": 0o640, "tree-head": 0o600, "release.pub": 0o644}.items():
        Path(tmp_path, name).write_bytes(b"")
        Path(tmp_path, name).chmod(mode)
    assert problems()["keys"] == "others may read release"


def test_a_folder_of_keys_that_others_may_enter_is_named(settings, tmp_path):
    settings.KEYS = tmp_path
    tmp_path.chmod(0o755)
    assert problems()["keys"] == f"others may read {tmp_path.name}"


def test_an_object_without_a_reference_is_counted():
    place = store.root() / "ab" / ("c" * 62)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(b"stray")
    try:
        assert problems()["objects"] == "1 without a reference, or missing"
    finally:
        place.unlink()
