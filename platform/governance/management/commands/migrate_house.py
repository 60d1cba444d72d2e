"""`manage.py migrate_house`: bring the database up to date. The one command that needs the owner's address."""

import io
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Migrate as the owner of the tables, then install the regime packs. Safe to run again."

    def handle(self, *args: Any, **options: Any) -> None:
        if "owner" not in settings.DATABASES or "default" not in settings.DATABASES:
            raise CommandError(
                "expected the addresses of both database roles, DATABASE_URL and DATABASE_OWNER_URL; "
                "set them, or run beside the embedded servers (make up)"
            )
        call_command("migrate", database="owner", verbosity=0, interactive=False)
        call_command("install_packs", stdout=io.StringIO())
