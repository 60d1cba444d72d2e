"""`manage.py export_trust PATH`: run it where the release key lies (on the worker's machine)."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from evidence.canonical import canonical_bytes
from governance.releases.release_key import export_public_key
from governance.reports.trust import trust_document


class Command(BaseCommand):
    help = "Write the public keys (obelus/trust/1) that auditors need to verify bundles offline."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, help="the trust file to write")

    def handle(self, *args: Any, **options: Any) -> None:
        export_public_key()
        path: Path = options["path"]
        path.write_bytes(canonical_bytes(trust_document()))
        self.stdout.write(f"Written to {path}. Hand it to auditors by another way than the bundles.")
