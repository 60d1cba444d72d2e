"""`manage.py retry_job JOB --as NAME`: send a dead letter round once more, in the name of an operator."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.actors import person
from governance.errors import ObelusError
from governance.jobs.services import retry_dead
from governance.people.models import Role, User


class Command(BaseCommand):
    help = "Queue a job again that was given up after its last attempt; the trail names the role of who asked."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("job", help="its reference, job_...")
        parser.add_argument("--as", dest="name", required=True, help="an active person with the role of operator")

    def handle(self, *args: Any, job: str, name: str, **options: Any) -> None:
        user = User.objects.filter(username=name).first()
        if user is None or not user.has_role(Role.OPERATOR):
            raise CommandError("Nobody of that name may do this; name an active person with the role of operator.")
        try:
            row = retry_dead(job, actor=person(user, Role.OPERATOR))
        except ObelusError as error:
            raise CommandError(f"{error.detail} {error.remedy}".strip()) from error
        self.stdout.write(f"{row.ref}: {row.get_status_display()}")
