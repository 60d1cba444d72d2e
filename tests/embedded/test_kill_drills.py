"""kill -9 of each process, and orderly stops: what must survive, what must end."""

import signal
import time
from pathlib import Path

import psycopg
import pytest
import redis

from governance.embedded import drills, processes, running
from tests.embedded.conftest import Drill, end_by, ended_within, left_running


@pytest.mark.parametrize("name", ["postgres", "redis"])
def test_a_killed_server_comes_back_on_the_same_socket_with_its_data(drill: Drill, made_var: Path, name: str) -> None:
    process = drill.serve(made_var)
    urls = running(made_var)
    redis.Redis.from_url(urls.redis_url).set("kept", "by redis")
    with psycopg.connect(urls.database_owner_url) as connection:
        connection.execute("create table if not exists kept (n int)")
    killed = drills.kill(made_var, name)
    moment = time.monotonic()
    assert drills.await_ready(made_var, name) != killed
    assert time.monotonic() - moment < 5
    assert running(made_var) == urls
    assert redis.Redis.from_url(urls.redis_url).get("kept") == b"by redis"
    with psycopg.connect(urls.database_url) as connection:
        assert connection.execute("select to_regclass('kept')").fetchone() == ("kept",)
    code, said = end_by(process, signal.SIGTERM)
    assert code == 0
    assert f"{name} (pid {killed}) ended with -9; starting it again (1 of at most 5 restarts in 60 s)" in said


def test_killing_the_supervisor_ends_its_servers_and_the_next_start_recovers(drill: Drill, made_var: Path) -> None:
    process = drill.serve(made_var)
    urls = running(made_var)
    sockets = Path(urls.database_url.partition("host=")[2])
    redis.Redis.from_url(urls.redis_url).set("before", "the kill")
    drills.kill_supervisor(made_var)
    ended_within(process, 5)
    assert running(made_var) is None
    assert processes.wait_until(lambda: not left_running(made_var), seconds=10), left_running(made_var)
    assert sockets.exists()
    drill.serve(made_var)
    assert not sockets.exists()
    assert redis.Redis.from_url(running(made_var).redis_url).get("before") == b"the kill"


def test_a_start_right_after_the_supervisor_was_killed_waits_for_its_servers(drill: Drill, made_var: Path) -> None:
    drill.serve(made_var)
    client = psycopg.connect(running(made_var).database_url)  # an open session must not hold up the end
    assert client.execute("select 1").fetchone() == (1,)
    drills.kill_supervisor(made_var)
    drill.serve(made_var)
    with pytest.raises(psycopg.OperationalError):
        client.execute("select 1")
    assert len(processes.working_in(made_var / "redis", "redis-server")) == 1


def test_killing_supervisor_and_postmaster_at_once_loses_no_committed_row(drill: Drill, made_var: Path) -> None:
    var = made_var
    drill.serve(var, OBELUS_EMBEDDED_FSYNC="on")
    with psycopg.connect(running(var).database_owner_url) as connection:
        connection.execute("drop table if exists numbers")
        connection.execute("create table numbers as select generate_series(1, 1000) as n")
    postmaster = drills.pid_of(var, "postgres")
    drills.kill_supervisor(var)
    processes.send(postmaster, signal.SIGKILL)
    drill.serve(var)
    with psycopg.connect(running(var).database_owner_url) as connection:
        assert connection.execute("select count(*) from numbers").fetchone() == (1000,)


def test_a_session_that_never_looks_up_does_not_outlive_its_killed_postmaster(drill: Drill, made_var: Path) -> None:
    drill.serve(made_var)
    client = psycopg.connect(running(made_var).database_url, autocommit=True)
    busy = client.info.backend_pid
    client.pgconn.send_query(b"select count(*) from generate_series(1, 1000000000000)")
    drills.kill(made_var, "postgres")
    drills.await_ready(made_var, "postgres")
    assert not processes.is_alive(busy)
    with psycopg.connect(running(made_var).database_url) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_a_server_that_keeps_dying_ends_the_supervisor_with_a_reason(drill: Drill, made_var: Path) -> None:
    process = drill.serve(made_var)
    for _ in range(6):
        drills.kill(made_var, "redis")
    code, said = ended_within(process, 10)
    assert code == 69
    assert "after 5 restarts in 60 s" in said and "redis.log" in said


def test_a_held_server_stays_down_and_comes_back_without_loss(drill: Drill, made_var: Path) -> None:
    drill.serve(made_var)
    urls = running(made_var)
    client = redis.Redis.from_url(urls.redis_url)
    client.set("queue", "full")
    with drills.held_down(made_var, "redis"):
        time.sleep(0.5)
        with pytest.raises(redis.ConnectionError):
            client.ping()
        with psycopg.connect(urls.database_url) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
    assert client.get("queue") == b"full"
    before = drills.pid_of(made_var, "postgres")
    assert drills.restart(made_var, "postgres") != before
    with psycopg.connect(urls.database_url) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


@pytest.mark.slow
def test_orderly_restarts_do_not_count_towards_the_cap(drill: Drill, made_var: Path) -> None:
    process = drill.serve(made_var)
    for _ in range(6):
        drills.restart(made_var, "redis")
    assert process.poll() is None


def test_a_drill_without_a_supervisor_says_so(tmp_path: Path) -> None:
    with pytest.raises(drills.DrillError, match="found none"):
        drills.hold(tmp_path, "redis")
