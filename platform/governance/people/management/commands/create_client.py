"""`manage.py create_client NAME --scope S`: a machine that may ask for 15-minute tokens."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.errors import ObelusError
from governance.people.handover import check_place, hand_over
from governance.people.scopes import SCOPES
from governance.people.services import create_client


class Command(BaseCommand):
    help = "Make a machine client with scopes. Its secret is made here and shown once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument(
            "--scope", action="append", required=True, choices=sorted(SCOPES), help="may be given again"
        )
        parser.add_argument("--to", type=Path, help="a new file for id and secret, mode 600")

    def handle(self, *args: Any, name: str, scope: list[str], to: Path | None, **options: Any) -> None:
        check_place(to)
        try:
            client, secret = create_client(name=name, scopes=scope)
        except ObelusError as error:
            raise CommandError(error.detail) from error
        self.stdout.write(f"{client.name}: {', '.join(client.allowed_scopes)}")
        self.stdout.write(hand_over(f"{client.client_id} {secret}", to))
