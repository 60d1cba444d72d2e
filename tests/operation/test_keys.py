"""Keys: made in passing where one develops, made on purpose where it counts."""

import stat
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from governance.env import KEYS_OF_THE_HOUSE, key_file, make_key


def test_a_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path):
    folder = tmp_path / "keys"
    first = key_file(folder, "kek")
    assert first == key_file(folder, "kek")
    assert len(first) == 32
    assert stat.S_IMODE((folder / "kek").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_production_makes_no_key_in_passing_and_says_which_command_does(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("OBELUS_ENV", "production")
    with pytest.raises(ImproperlyConfigured, match="make_keys"):
        key_file(tmp_path, "kek")
    assert list(tmp_path.iterdir()) == []


def test_making_the_keys_again_changes_none(tmp_path: Path, settings, capsys):
    settings.KEYS = tmp_path
    call_command("make_keys")
    before = {name: (tmp_path / name).read_bytes() for name in KEYS_OF_THE_HOUSE}
    call_command("make_keys")
    assert {name: (tmp_path / name).read_bytes() for name in KEYS_OF_THE_HOUSE} == before
    assert "already there" in capsys.readouterr().out
    assert not make_key(tmp_path, "kek")
