"""Starting and stopping both embedded servers within one process."""

import json
import os
import stat
from pathlib import Path

import psycopg
import pytest
import redis
from kombu import Connection

from governance.embedded import AlreadyRunningError, ServerUrls, celery_broker_url, running, servers
from governance.embedded.processes import working_in


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("servers") / "var"


@pytest.fixture(scope="module")
def urls(var: Path):
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("OBELUS_EMBEDDED_FSYNC", raising=False)
        with servers(var) as found:
            yield found


def test_both_roles_log_in(urls: ServerUrls) -> None:
    for url, role in [(urls.database_url, "obelus_app"), (urls.database_owner_url, "obelus_owner")]:
        with psycopg.connect(url) as connection:
            row = connection.execute("select current_user, current_database(), current_setting('fsync')").fetchone()
        assert row == (role, "obelus", "on")


def test_throw_away_servers_may_do_without_fsync(made_var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBELUS_EMBEDDED_FSYNC", "off")
    with servers(made_var) as urls, psycopg.connect(urls.database_url) as connection:
        assert connection.execute("show fsync").fetchone() == ("off",)


def test_redis_py_and_celery_reach_the_same_redis_with_its_password(urls: ServerUrls) -> None:
    with redis.Redis.from_url(urls.redis_url) as client:
        assert client.ping()
        client.set("from-redis-py", "1")
    with Connection(celery_broker_url(urls.redis_url)) as broker:
        assert broker.default_channel.client.get("from-redis-py") == b"1"


def test_redis_keeps_an_append_only_file_and_never_evicts(urls: ServerUrls) -> None:
    with redis.Redis.from_url(urls.redis_url, decode_responses=True) as client:
        expected = {"appendonly": "yes", "appendfsync": "everysec", "maxmemory-policy": "noeviction", "port": "0"}
        assert {name: client.config_get(name)[name] for name in expected} == expected


def test_another_terminal_finds_the_servers(urls: ServerUrls, var: Path) -> None:
    assert running(var) == urls
    document = json.loads((var / "servers.json").read_text())
    assert document["format"] == "obelus/servers/1"
    assert stat.S_IMODE((var / "servers.json").stat().st_mode) == 0o600


def test_passwords_lie_in_files_that_only_their_owner_reads(urls: ServerUrls, var: Path) -> None:
    assert stat.S_IMODE((var / "keys").stat().st_mode) == 0o700
    names = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (var / "keys").iterdir()}
    assert names == dict.fromkeys(["postgres-superuser", "postgres-owner", "postgres-app", "redis"], 0o600)


def test_a_second_start_on_the_same_folder_names_the_first_and_breaks_nothing(urls: ServerUrls, var: Path) -> None:
    with pytest.raises(AlreadyRunningError, match=str(os.getpid())):
        with servers(var):
            pass
    with psycopg.connect(urls.database_url) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_the_end_of_the_block_leaves_no_process_and_no_address_and_keeps_the_data(made_var: Path) -> None:
    var = made_var
    with servers(var) as first:
        sockets = Path(first.database_url.partition("host=")[2])
        assert len(str(sockets)) < 40
        with psycopg.connect(first.database_owner_url) as connection:
            connection.execute("drop table if exists sevens")
            connection.execute("create table sevens as select 7 as n")
    assert not sockets.exists() and running(var) is None
    assert working_in(var / "postgres", "postgres") == working_in(var / "redis", "redis-server") == []
    with servers(var) as second:
        with psycopg.connect(second.database_owner_url) as connection:
            assert connection.execute("select n from sevens").fetchone() == (7,)
