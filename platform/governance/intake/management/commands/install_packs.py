"""manage.py install_packs: bring the regime packs of the file into rows. Safe to run again."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from governance.errors import ObelusError
from governance.intake.packs import install_packs


class Command(BaseCommand):
    help = "Install the regime packs of regime_packs.json that are not installed yet."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = install_packs()
        except ObelusError as error:
            raise CommandError(f"{error.detail} {error.remedy}") from error
        self.stdout.write(", ".join(str(pack) for pack in made) or "nothing new")
