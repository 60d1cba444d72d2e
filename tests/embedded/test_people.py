"""The servers as root and as an ordinary user, deep in long folders, touching nobody's rights."""

import os
import signal
import stat
import time
from pathlib import Path

import psycopg
import pytest

from governance.embedded import drills, running
from tests.embedded.conftest import Drill, Person, end_by, left_running


def modes_of_parents(path: Path) -> dict[str, int]:
    return {str(parent): stat.S_IMODE(parent.stat().st_mode) for parent in path.parents}


@pytest.fixture(scope="module")
def deep(open_folder: Path, person: Person) -> Path:
    """A folder 140 characters down, whose parents have modes worth keeping: one closed, one open to all."""
    closed = open_folder / f"{person.name}-closed-{time.monotonic_ns()}" / ("x" * 60)
    home = closed / ("y" * 40 + ' it\'s "quoted" \\ é')
    home.mkdir(parents=True)
    for folder, mode in ((home, 0o755), (closed, 0o711), (closed.parent, 0o700)):
        os.chown(folder, person.uid, -1)
        folder.chmod(mode)
    return home / "var"


def test_they_start_and_serve_and_end_and_no_parent_changes_its_mode(drill_of: Drill, deep: Path) -> None:
    assert len(str(deep / "postgres")) > 120
    before = modes_of_parents(deep)
    process = drill_of.serve(deep, HOME=str(deep.parent))
    with psycopg.connect(running(deep).database_owner_url) as connection:
        assert connection.execute("select current_user").fetchone() == ("obelus_owner",)
    assert modes_of_parents(deep) == before
    pid = drills.pid_of(deep, "postgres")
    assert os.stat(f"/proc/{pid}").st_uid == drill_of.person.uid
    assert drills.kill(deep, "postgres") != drills.await_ready(deep, "postgres")
    code, said = end_by(process, signal.SIGTERM)
    assert (code, left_running(deep), running(deep)) == (0, [], None), said
    assert modes_of_parents(deep) == before


def test_the_servers_end_when_their_supervisor_is_killed(drill_of: Drill, deep: Path) -> None:
    drill_of.serve(deep)
    drills.kill_supervisor(deep)
    deadline = time.monotonic() + 10
    while left_running(deep) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left_running(deep) == []
    assert not (deep / "postgres" / "postmaster.pid").exists()  # it shut down in good order
    drill_of.serve(deep)


def test_roots_postgres_has_stepped_down_and_no_user_was_added(root: Person, drill: Drill, made_var: Path) -> None:
    accounts = Path("/etc/passwd").read_bytes()
    drill.serve(made_var)
    pid = drills.pid_of(made_var, "postgres")
    assert Path(f"/proc/{pid}/uid_map").read_text().split() == ["65534", "0", "1"]
    assert os.stat(made_var / "postgres" / "PG_VERSION").st_uid == 0
    capabilities = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if "CapEff" in line)
    assert int(capabilities.split()[1], 16) == 0
    assert Path("/etc/passwd").read_bytes() == accounts
