"""`manage.py ready`: the question of /readyz from a shell, for the health checks of containers."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from governance.api.health import CHECKS, passes


class Command(BaseCommand):
    help = "Say whether all is there that a process of the house needs; exit code 1 names what is not."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        missing = [name for name, check in CHECKS.items() if not passes(name, check)]
        self.stdout.write(f"not ready: {', '.join(missing)}" if missing else "ready")
        if missing:
            sys.exit(1)
