"""`manage.py up`: it serves, it ends within ten seconds with leases handed back, and nothing is left of it."""

import os
import signal
import stat
import subprocess
import sys
import urllib.request

import pytest

from governance.embedded import processes
from governance.operation import firstpeople, recipes
from governance.people.models import Role, User
from tests.drills.house import ROOT
from tests.operation.conftest import left_of


@pytest.fixture
def noop_under_way(up_house):
    """A paced noop, to be submitted to a house that is up; returns its reference once it counts."""

    def submit() -> str:
        [ref] = up_house.submit(steps=2000, pause_s=0.1)
        counts = lambda: up_house.ask("job", ref=ref)["step"] > 0  # noqa: E731
        assert processes.wait_until(counts, seconds=40), [up_house.ask("job", ref=ref), up_house.log_of("worker")]
        return ref

    return submit


def test_term_ends_everything_within_ten_seconds_and_hands_the_lease_back(up_house, raise_house, noop_under_way):
    up = raise_house()
    ref = noop_under_way()
    code, seconds = up.ended_by(signal.SIGTERM)
    assert (code, seconds < 10) == (0, True), [seconds, up.words()]
    assert "killed" not in up.words()
    assert left_of(up_house) == []
    row = up_house.ask("job", ref=ref)
    assert (row["status"], row["failures"], row["ends"]) == ("queued", 0, [["queued", "worker_stopped"]])
    assert up_house.folders() == []
    up_house.ask("cancel", ref=ref)


def test_the_death_of_one_process_is_said_and_ends_all(up_house, raise_house):
    up = raise_house()
    with urllib.request.urlopen(f"http://127.0.0.1:{up.port()}/readyz", timeout=10) as answer:
        assert answer.status == 200
    os.kill(up.child("tick"), signal.SIGKILL)
    assert up.process.wait(15) == 1
    assert "tick ended with -9; everything stops" in up.words()
    assert left_of(up_house) == []


@pytest.mark.slow
def test_the_processes_do_not_outlive_a_killed_up(up_house, raise_house):
    up = raise_house()
    up.process.kill()
    up.process.wait()
    assert processes.wait_until(lambda: left_of(up_house) == [], seconds=10), left_of(up_house)


def test_no_process_of_the_house_is_given_the_owners_address(settings, monkeypatch):
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgresql://owner")
    given = recipes.environment()
    assert "DATABASE_OWNER_URL" not in given
    assert given["DATABASE_URL"] == settings.DATABASE_URL


def test_a_port_that_is_taken_is_refused_with_a_remedy():
    with recipes.listening(0) as listener, pytest.raises(recipes.PortTaken, match="--port 0"):
        recipes.listening(listener.getsockname()[1])


def test_without_servers_it_says_how_to_get_them(tmp_path):
    kept = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
    done = subprocess.run(
        [sys.executable, "manage.py", "up"],
        cwd=ROOT,
        env={**kept, "OBELUS_VAR": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "run `make up`" in done.stderr


@pytest.mark.django_db
def test_the_first_people_get_random_passwords_in_a_private_file(tmp_path):
    place = tmp_path / "sign-in.txt"
    assert firstpeople.make_first_people(place)
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    lines = [line.split() for line in place.read_text().splitlines() if not line.startswith("#")]
    assert {role for _, _, role in lines} == set(Role.values)
    assert len({password for _, password, _ in lines}) == len(lines)
    for name, password, role in lines:
        user = User.objects.get(username=name)
        assert (user.check_password(password), user.roles, user.is_superuser) == (True, [role], False)


@pytest.mark.django_db
def test_a_house_with_people_gets_no_more(tmp_path, folk):
    before = User.objects.count()
    assert not firstpeople.make_first_people(tmp_path / "sign-in.txt")
    assert (User.objects.count(), list(tmp_path.iterdir())) == (before, [])
