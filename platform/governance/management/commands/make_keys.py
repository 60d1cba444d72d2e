from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from governance.env import KEYS_OF_THE_HOUSE, make_key


class Command(BaseCommand):
    help = "Make the keys of the house under OBELUS_VAR/keys, mode 600; those already there stay as they are."

    def handle(self, *args: Any, **options: Any) -> None:
        for name in KEYS_OF_THE_HOUSE:
            self.stdout.write(f"{name}: {'made' if make_key(settings.KEYS, name) else 'already there'}")
        self.stdout.write("Keep a copy of the folder where the database and its backups are not.")
