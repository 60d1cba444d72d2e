"""`manage.py up`: web, worker and tick for development, until Ctrl-C or SIGTERM; the servers must be there already."""

import os
import socket
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from governance.embedded.command import Signals
from governance.operation import recipes
from governance.operation.firstpeople import make_first_people
from governance.operation.house import House


class Command(BaseCommand):
    help = "Migrate, then serve web, worker and tick on this machine until Ctrl-C or SIGTERM. Exit code 1: one died."

    def add_arguments(self, parser: CommandParser) -> None:
        port = os.environ.get("OBELUS_PORT", "8000")
        parser.add_argument("--port", type=int, default=port, help="0: a free one (default: OBELUS_PORT, 8000)")

    def handle(self, *args: Any, port: int, **options: Any) -> None:
        require_servers()
        try:
            listener = recipes.listening(port)
        except recipes.PortTaken as error:
            raise CommandError(str(error)) from error
        with listener:
            self.prepare()  # a signal that comes so early ends us as it ends any command
            with Signals().caught() as signals:
                sys.exit(self.serve(listener, signals))

    def prepare(self) -> None:
        self.say("looking at the database; on an empty one this takes a while")
        call_command("migrate_house")
        place = Path(settings.OBELUS_VAR) / "sign-in.txt"
        if make_first_people(place):
            self.say(f"nobody could sign in yet: names and passwords of the first people lie in {place} (mode 600)")
        connections.close_all()

    def serve(self, listener: socket.socket, signals: Signals) -> int:
        url = f"http://{recipes.HOST}:{listener.getsockname()[1]}"
        logs = Path(settings.OBELUS_VAR) / "log"
        house = House(environment=recipes.environment(), logs=logs, say=self.say)
        try:
            house.start([recipes.web(listener), recipes.worker(), recipes.tick()])
            return house.watch(signals, is_ready=lambda: answers(url), on_ready=lambda: self.greet(url, logs))
        finally:
            house.stop()
            self.say("stopped")

    def greet(self, url: str, logs: Path) -> None:
        self.say(f"console at {url}/console/   API at {url}/api/v1/   logs in {logs}   Ctrl-C ends it")

    def say(self, sentence: str) -> None:
        self.stdout.write(f"obelus: {sentence}")
        self.stdout.flush()


def require_servers() -> None:
    if settings.PRODUCTION:
        raise CommandError("`up` is for development; in production each process runs by itself (docker-compose.yml)")
    if not settings.DATABASE_URL or not settings.REDIS_URL:
        raise CommandError(
            "expected PostgreSQL and Redis, found neither addresses nor embedded servers: run `make up`, "
            "or set DATABASE_URL, DATABASE_OWNER_URL and REDIS_URL"
        )


def answers(url: str) -> bool:
    """Whether the web serves yet, and has all that it needs: whoever is told the address may use it at once."""
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=2) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
