"""`manage.py create_person NAME --role R`: a person who can sign in at the console."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.errors import ObelusError
from governance.people.handover import check_place, hand_over
from governance.people.models import Role
from governance.people.services import create_person


class Command(BaseCommand):
    help = "Make a person with roles. The password is made here and shown once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--role", action="append", required=True, choices=Role.values, help="may be given again")
        parser.add_argument("--to", type=Path, help="a new file for the password, mode 600")

    def handle(self, *args: Any, name: str, role: list[str], to: Path | None, **options: Any) -> None:
        check_place(to)
        try:
            person, password = create_person(username=name, roles=role)
        except ObelusError as error:
            raise CommandError(error.detail) from error
        self.stdout.write(f"{person.username}: {', '.join(person.roles)}")
        self.stdout.write(hand_over(f"{name} {password}", to))
