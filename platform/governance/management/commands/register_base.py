"""`manage.py register_base NAME FILE --source WORDS --as PERSON`: take in a base too large for a browser's upload."""

import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.actors import person
from governance.errors import ObelusError
from governance.lineage.services import register_base
from governance.people.models import Role, User


class Command(BaseCommand):
    help = "Register a public language model, one packed file, that models here may start from."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="what the house calls it")
        parser.add_argument("file", type=Path, help="written by `python -m unlearning pack FOLDER FILE`")
        parser.add_argument("--source", required=True, help="whose model it is and which version")
        parser.add_argument("--as", dest="who", required=True, help="an active person with the role of operator")

    def handle(self, *args: Any, name: str, file: Path, source: str, who: str, **options: Any) -> None:
        user = User.objects.filter(username=who).first()
        if user is None or not user.has_role(Role.OPERATOR):
            raise CommandError("Nobody of that name may do this; name an active person with the role of operator.")
        if not file.is_file():
            raise CommandError("Expected a packed file, there is none; make it with `python -m unlearning pack`.")
        if not os.access(file, os.R_OK):
            raise CommandError("Expected a file that this account may read, it may not; give it the right to.")
        try:
            base = register_base(name=name, file=file, source=source, actor=person(user, Role.OPERATOR))
        except ObelusError as error:
            raise CommandError(f"{error.detail} {error.remedy}".strip()) from error
        self.stdout.write(f"{base.ref}: {base.object_digest}")
