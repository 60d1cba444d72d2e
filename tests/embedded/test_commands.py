"""`python -m governance.embedded -- COMMAND`: its environment, its exit code, its signals, and nothing after it."""

import fcntl
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from governance.embedded import processes, running
from tests.embedded.conftest import Drill, Person, end_by, ended_within, left_running

COUNTS_SIGNALS = """
import signal, sys, time
got = []
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda n, f: got.append(signal.Signals(n).name))
print("up", flush=True)
while not got:
    time.sleep(0.02)
time.sleep(0.5)
print(*got, flush=True)
sys.exit(3)
"""


def test_the_command_gets_the_addresses_and_its_exit_code_is_ours(drill: Drill, made_var: Path) -> None:
    script = 'echo "$DATABASE_URL|$DATABASE_OWNER_URL|$REDIS_URL|$OBELUS_VAR"; exit 7'
    code, said = ended_within(drill.launch(made_var, "--", "sh", "-c", script), 20)
    database, owner, redis_url, var = said.splitlines()[0].split("|")
    assert code == 7 and var == str(made_var)
    assert database.startswith("postgresql://obelus_app:") and owner.startswith("postgresql://obelus_owner:")
    assert redis_url.startswith("unix://:") and left_running(made_var) == []


def test_a_command_that_does_not_exist_gives_127(drill: Drill, made_var: Path) -> None:
    code, said = ended_within(drill.launch(made_var, "--", "no-such-command"), 20)
    assert code == 127 and "no such command" in said


def test_wrong_use_gives_64(drill: Drill, made_var: Path) -> None:
    assert ended_within(drill.launch(made_var, "--nonsense"), 20)[0] == 64
    assert ended_within(drill.launch(made_var, "--"), 20)[0] == 64
    assert ended_within(drill.launch(made_var, DATABASE_URL="postgresql://somewhere/db"), 20)[0] == 64


def test_a_second_start_names_the_first_and_gives_73(drill: Drill, made_var: Path) -> None:
    first = drill.serve(made_var)
    urls = running(made_var)
    code, said = ended_within(drill.launch(made_var), 20)
    assert code == 73 and f"pid {first.pid}" in said
    assert running(made_var) == urls and first.poll() is None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_reaches_the_command_once_and_then_all_ends(drill: Drill, made_var: Path, number) -> None:
    process = drill.launch(made_var, "--", sys.executable, "-c", COUNTS_SIGNALS)
    assert process.stdout.readline() == "up\n"
    process.send_signal(number)
    process.send_signal(number)
    code, said = ended_within(process, 10)
    assert code == 3 and said.splitlines()[0] == number.name
    assert left_running(made_var) == [] and running(made_var) is None


@pytest.mark.slow
def test_a_command_deaf_to_signals_is_ended_within_ten_seconds(drill: Drill, made_var: Path) -> None:
    process = drill.launch(made_var, "--", "sh", "-c", "trap '' TERM; echo up; while :; do sleep 1; done")
    assert process.stdout.readline() == "up\n"
    code, _ = end_by(process, signal.SIGTERM)
    assert code == 128 + signal.SIGKILL and left_running(made_var) == []


def test_what_a_command_leaves_behind_is_ended_with_it(drill: Drill, made_var: Path) -> None:
    process = drill.launch(made_var, "--", "sh", "-c", "sleep 1234 >&- 2>&- & echo $!")
    straggler = int(process.stdout.readline())
    assert ended_within(process, 20)[0] == 0
    assert not processes.is_alive(straggler)


def test_the_command_ends_when_the_supervisor_is_killed(drill: Drill, made_var: Path) -> None:
    process = drill.launch(made_var, "--", "sh", "-c", "echo $$; exec sleep 1234")
    command = int(process.stdout.readline())
    process.kill()
    assert processes.wait_until(lambda: not processes.is_alive(command), seconds=5)
    assert processes.wait_until(lambda: not left_running(made_var), seconds=10)


def test_a_signal_during_the_start_ends_it(drill: Drill, tmp_path: Path) -> None:
    process = drill.launch(tmp_path / "var", "--", "true")
    assert processes.wait_until(lambda: (tmp_path / "var" / "postgres.partial").exists(), seconds=10)
    code, said = end_by(process, signal.SIGTERM)
    assert code == 128 + signal.SIGTERM, said
    assert left_running(tmp_path / "var") == []


def test_an_outside_server_is_passed_on_and_not_started(drill: Drill, tmp_path: Path) -> None:
    script = 'echo "$DATABASE_URL|$DATABASE_OWNER_URL|$REDIS_URL"; ls "$OBELUS_VAR"'
    outside = {"DATABASE_URL": "postgresql://app@elsewhere/db", "DATABASE_OWNER_URL": "postgresql://owner@elsewhere/db"}
    code, said = ended_within(drill.launch(tmp_path / "var", "--", "sh", "-c", script, **outside), 20)
    assert code == 0
    assert said.startswith("postgresql://app@elsewhere/db|postgresql://owner@elsewhere/db|unix://:")
    assert "redis\n" in said and "postgres\n" not in said
    code, said = ended_within(
        drill.launch(tmp_path / "none", "--", "sh", "-c", script, REDIS_URL="redis://elsewhere", **outside), 20
    )
    assert code == 0 and said.splitlines()[0].endswith("|redis://elsewhere") and "redis\n" not in said


def test_ctrl_c_on_a_terminal_reaches_the_command_once_and_it_may_read(me: Person, made_var: Path) -> None:
    master, slave = pty.openpty()
    script = "line = input(); print('read', line)\n" + COUNTS_SIGNALS
    process = subprocess.Popen(
        [sys.executable, "-m", "governance.embedded", "--var", str(made_var), "--", sys.executable, "-c", script],
        stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
        env=me.settings(), preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )  # fmt: skip
    os.close(slave)
    try:
        os.write(master, b"hello\n")
        assert "up" in read_until(master, "up")
        time.sleep(0.1)
        os.write(master, b"\x03")
        said = read_until(master, "SIGINT")
        assert process.wait(10) == 3
        assert said.count("SIGINT") == 1 and left_running(made_var) == []
    finally:
        process.kill()
        os.close(master)


def read_until(master: int, word: str) -> str:
    """Read the terminal until a word stands there, its end, or ten seconds of silence."""
    said = ""
    while word not in said and select.select([master], [], [], 10)[0]:
        try:
            said += os.read(master, 1024).decode()
        except OSError:
            break
    return said
