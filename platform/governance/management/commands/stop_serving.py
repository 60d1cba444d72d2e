"""`manage.py stop_serving DEPLOYMENT --as NAME`: note that a place serves nothing any more, in an operator's name."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.actors import person
from governance.lineage.models import Deployment
from governance.lineage.switching_off import stop_serving
from governance.people.models import Role, User


class Command(BaseCommand):
    help = "Say that a deployment was switched off and will not report any more; what waits for it goes on."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("deployment", help="its reference, dep_...")
        parser.add_argument("--as", dest="name", required=True, help="an active person with the role of operator")

    def handle(self, *args: Any, deployment: str, name: str, **options: Any) -> None:
        user = User.objects.filter(username=name).first()
        if user is None or not user.has_role(Role.OPERATOR):
            raise CommandError("Nobody of that name may do this; name an active person with the role of operator.")
        row = Deployment.objects.filter(ref=deployment).first()
        if row is None:
            raise CommandError(f"No deployment has the reference {deployment}; take it from `manage.py doctor`.")
        stop_serving(deployment=row, actor=person(user, Role.OPERATOR))
        self.stdout.write(f"{row.ref}: serves nothing any more")
