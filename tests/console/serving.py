"""The console served for real: a database of its own, a house seeded into it, gunicorn before it."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.plugin import execute_as_owner, with_database

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Served:
    address: str
    passwords: dict[str, str]
    refs: dict[str, str]
    owner_url: str


@contextmanager
def served(template: str) -> Iterator[Served]:
    """Clone the template, seed it, serve it; everything is gone afterwards."""
    server = os.environ["OBELUS_TEST_SERVER"]
    name = f"obelus_browser_{os.getpid()}"
    execute_as_owner(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        with tempfile.TemporaryDirectory(prefix="obelus-browser-") as var:
            urls = {key: with_database(os.environ[key], name) for key in ("DATABASE_URL", "DATABASE_OWNER_URL")}
            environment = {**os.environ, **urls, "OBELUS_VAR": var}
            seed = [sys.executable, "-m", "tests.console.seeding"]
            told = json.loads(subprocess.run(seed, env=environment, cwd=ROOT, check=True, capture_output=True).stdout)
            with gunicorn(environment) as address:
                yield Served(address, told["passwords"], told["refs"], urls["DATABASE_OWNER_URL"])
    finally:
        execute_as_owner(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def gunicorn(environment: dict[str, str]) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{probe.getsockname()[1]}"
    command = [sys.executable, "-m", "gunicorn", "governance.wsgi", "-b", place, "--threads", "4"]
    command.append("--no-control-socket")  # it would lie in the home folder
    process = subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        wait_for(f"http://{place}/console/login/", process)
        yield f"http://{place}"
    finally:
        process.terminate()
        process.wait(timeout=10)


def wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 40
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5)
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"{address} did not answer (exit code {process.poll()}).")
