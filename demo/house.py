"""The house for one telling: its own folder, database and processes; nothing of it is left running."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from demo.screen import StoryBroken

ROOT = Path(__file__).resolve().parents[1]
START_S = 60
# Less than what the supervisor of the servers gives the whole demo to end in.
PATIENCE_S = 5.0
# Without its control socket, which would lie in the home of whoever runs the demo.
WEB = ["--threads", "4", "--workers", "1", "--no-control-socket"]


def manage(*arguments: str) -> str:
    """Run a management command with the demo's environment; its output.

    Raises:
        StoryBroken: it failed; what it said is in the text.
    """
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    answer = subprocess.run(command, capture_output=True, text=True)
    if answer.returncode:
        raise StoryBroken(f"manage.py {arguments[0]} ended with {answer.returncode}:\n{answer.stderr[-2000:]}")
    return answer.stdout


def sign_in(name: str, var: Path, *roles: str) -> tuple[str, str]:
    """A person with roles; the password lies in a file of its own, mode 600."""
    place = var / "people" / name
    place.parent.mkdir(mode=0o700, exist_ok=True)
    manage("create_person", name, *[word for role in roles for word in ("--role", role)], "--to", str(place))
    return secrets_in(place)


def secrets_in(place: Path) -> tuple[str, str]:
    name, secret = place.read_text().split()
    return name, secret


def client(name: str, var: Path, *scopes: str) -> tuple[str, str]:
    place = var / "people" / name
    manage("create_client", name, *[word for scope in scopes for word in ("--scope", scope)], "--to", str(place))
    return secrets_in(place)


@contextmanager
def running(var: Path) -> Iterator[str]:
    """Web, worker and tick as they run in production, on a free port; yields the address."""
    port = free_port()
    commands = {
        "web": ["-m", "gunicorn", "governance.wsgi", "--bind", f"127.0.0.1:{port}", *WEB],
        "worker": ["-m", "celery", "-A", "workers.app", "worker", "-P", "threads", "-c", "2", "-l", "warning"],
        "tick": [str(ROOT / "manage.py"), "tick"],
    }
    children = {name: start(name, command, var) for name, command in commands.items()}
    try:
        address = f"http://127.0.0.1:{port}"
        await_ready(address, children)
        yield address
    finally:
        stop(list(children.values()))


def start(name: str, command: list[str], var: Path) -> "subprocess.Popen[bytes]":
    with (var / f"{name}.log").open("ab") as log:
        return subprocess.Popen([sys.executable, *command], stdout=log, stderr=log, cwd=ROOT, stdin=subprocess.DEVNULL)


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def await_ready(address: str, children: dict[str, "subprocess.Popen[bytes]"]) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        dead = [name for name, child in children.items() if child.poll() is not None]
        if dead:
            raise StoryBroken(f"{dead[0]} ended at once; see {dead[0]}.log in the demo's folder")
        try:
            if requests.get(f"{address}/readyz", timeout=2).ok:
                return
        except requests.RequestException:
            pass
        time.sleep(0.2)
    raise StoryBroken(f"the house was not ready within {START_S} s")


def stop(children: list["subprocess.Popen[bytes]"]) -> None:
    """TERM to all at once, one patience for all together: whoever pressed Ctrl-C is not kept waiting for each."""
    for child in children:
        child.terminate()
    end = time.monotonic() + PATIENCE_S
    for child in children:
        try:
            child.wait(max(0.1, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def own_folder() -> Path:
    """OBELUS_VAR, which must have been made for this telling: the wrapper starts it anew each time."""
    return Path(os.environ["OBELUS_VAR"]).absolute()
