"""`manage.py retract_base BASE --reason WORDS --as PERSON`: say that people of this house are in a base after all."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.actors import person
from governance.errors import ObelusError
from governance.lineage.models import Base
from governance.people.models import Role, User
from governance.releases.retraction import retract_base

MAY = (Role.APPROVER, Role.PRIVACY_OFFICER)


class Command(BaseCommand):
    help = "Retract a base: nothing starts from it or is released on it again. It cannot be undone."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("base", help="its reference, base_...")
        parser.add_argument("--reason", required=True, help="why, in a sentence without names")
        parser.add_argument("--as", dest="name", required=True, help="an active approver or privacy officer")

    def handle(self, *args: Any, base: str, reason: str, name: str, **options: Any) -> None:
        user = User.objects.filter(username=name).first()
        role = next((role for role in MAY if user is not None and user.has_role(role)), None)
        if user is None or role is None:
            raise CommandError("Nobody of that name may do this; name an active approver or privacy officer.")
        row = Base.objects.filter(ref=base).first()
        if row is None:
            raise CommandError(f"No base has the reference {base}; take it from GET /api/v1/bases.")
        try:
            retract_base(base=row, reason=reason, actor=person(user, role))
        except ObelusError as error:
            raise CommandError(f"{error.detail} {error.remedy}".strip()) from error
        self.stdout.write(f"{row.ref}: retracted; `manage.py doctor` names the models that stand on it")
