"""The processes of the house as `manage.py up` starts them: the same commands as docker-compose.yml."""

import os
import socket
import sys
from pathlib import Path

from django.conf import settings

from governance.operation.children import Recipe

ROOT = Path(settings.ROOT)
HOST = "127.0.0.1"
# The embedded servers' supervisor gives a command 8 seconds from the signal on; all of ours must fit into that.
WORKER_STOP_S = "5"


class PortTaken(Exception):  # noqa: N818 - named after what went wrong
    """Somebody listens there already. Choose another port, or 0 for a free one."""


def listening(port: int) -> socket.socket:
    """A socket on this machine only. Port 0: the system chooses, and nobody can take it before the web starts.

    Raises:
        PortTaken
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(64)
    except OSError as error:
        listener.close()
        remedy = "name another, or let one be found (make up PORT=0; without make: --port 0)"
        raise PortTaken(f"expected {HOST}:{port} to be free ({error.strerror}): {remedy}") from error
    return listener


def web(listener: socket.socket) -> Recipe:
    bind = ["--bind", f"fd://{listener.fileno()}"]
    threads = ["--workers", "1", "--threads", "2", "--graceful-timeout", "3", "--no-control-socket"]
    command = [sys.executable, "-m", "gunicorn", "governance.wsgi", *bind, *threads, "--log-level", "warning"]
    return Recipe("web", command, (listener.fileno(),))


def worker() -> Recipe:
    lean = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "warning"]
    return Recipe("worker", [sys.executable, "-m", "celery", "-A", "workers.app", "worker", *POOL, *lean])


POOL = ["-P", "threads", "-c", "2"]


def tick() -> Recipe:
    return Recipe("tick", [sys.executable, str(ROOT / "manage.py"), "tick"])


def environment() -> dict[str, str]:
    """What every process of the house gets: the servers' addresses, but never the owner's (docs/decisions/0003)."""
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_OWNER_URL"}
    servers = {"DATABASE_URL": settings.DATABASE_URL, "REDIS_URL": settings.REDIS_URL}
    own = {"OBELUS_VAR": str(settings.OBELUS_VAR), "DJANGO_SETTINGS_MODULE": "governance.settings"}
    return {"OBELUS_STOP_S": WORKER_STOP_S, **kept, **servers, **own, "PYTHONUNBUFFERED": "1"}
