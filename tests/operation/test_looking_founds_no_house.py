"""A command that only looks makes nothing where no house is, and says what was expected there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from governance.env import LOOKING
from tests.drills.house import ROOT


def look(command: str, var: Path, *more: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
    return subprocess.run(
        [sys.executable, "manage.py", command, *more],
        cwd=ROOT,
        env={**kept, "OBELUS_VAR": str(var)},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("command", sorted(LOOKING))
def test_a_mistyped_folder_is_refused_and_not_made(command: str, tmp_path: Path) -> None:
    done = look(command, tmp_path / "typo")
    assert done.returncode == 1
    assert f"{command}: expected the folder of a house (keys, objects, log) at {tmp_path}/typo, found nothing: " in (
        done.stderr
    )
    assert "VAR=" in done.stderr and "make up" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_something_else_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("Dear")
    done = look("doctor", tmp_path)
    assert (done.returncode, "found a folder without keys" in done.stderr) == (1, True)
    assert [path.name for path in tmp_path.iterdir()] == ["letters.txt"]


def test_a_house_whose_servers_are_away_is_still_looked_at(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir(mode=0o700)
    done = look("doctor", tmp_path)
    assert (done.returncode, "database    it does not answer" in done.stdout) == (1, True)
