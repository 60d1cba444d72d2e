import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.audit import fsck
from governance.lineage.models import Snapshot
from governance.lineage.snapshots import snapshot_faults
from governance.objects.destruction import unreferenced
from governance.objects.references import held_for_nothing


class Command(BaseCommand):
    help = (
        "Rebuild the log's tree and every snapshot's from their leaves and compare; "
        "with --secrets, list every object nothing refers to."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--secrets", action="store_true", help="also look through the object store")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DATABASE_URL:
            raise CommandError(
                "No database is given and none runs here: start one with `make up`, or set DATABASE_URL."
            )
        found = fsck.faults() + [fault for snapshot in Snapshot.objects.all() for fault in snapshot_faults(snapshot)]
        found += [*unreferenced(), *held_for_nothing()] if options["secrets"] else []
        for fault in found:
            self.stdout.write(fault)
        self.stdout.write("sound" if not found else f"{len(found)} fault(s)")
        if found:
            sys.exit(1)
