"""`manage.py doctor`: what is wrong or stuck, on whom it waits, and the command to run. Exit code 1 if anything is."""

import sys
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand
from django.db import DatabaseError

from governance.operation import stuck
from governance.operation.checks import Check, all_checks


class Command(BaseCommand):
    help = "Name each stuck request, plan, job and release with its blocker and the command to run; look at the rest."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = sum(self.say_check(check) for check in all_checks())
        try:
            found = stuck.findings()
            self.say_findings(found)
            self.say_ordinary()
        except (DatabaseError, ImproperlyConfigured):
            self.stdout.write("Without the database nothing can be said of the work.")
            sys.exit(1)
        if wrong or found:
            sys.exit(1)

    def say_check(self, check: Check) -> int:
        problem = check.look()
        self.stdout.write(f"{check.name:<12}{problem or 'well'}")
        if problem:
            self.stdout.write(f"{'':<12}run: {check.command}")
        return int(problem is not None)

    def say_findings(self, found: list[stuck.Finding]) -> None:
        self.stdout.write(f"\n{len(found)} stuck" if found else "\nNothing is stuck.")
        for one in found:
            self.stdout.write(f"{one.ref}\n    waits on {one.waiting.on}: {one.waiting.why}")
            self.stdout.write(f"    run: {one.command}" if one.command else "    decide it in the console")
            if one.page:
                self.stdout.write(f"    see: {one.page}")

    def say_ordinary(self) -> None:
        ordinary = list(stuck.waiting_for_people())
        if ordinary:
            self.stdout.write(f"\n{len(ordinary)} open and going their way")
        for request, waiting in ordinary:
            self.stdout.write(f"{request.ref}  due {request.due_on}  waits on {waiting.on}: {waiting.why}")
