"""The README names what an auditor needs, and every benchmark that can be run."""

import re
from pathlib import Path

from django.core.management import get_commands

from governance.releases.release_key import PUBLIC_FILE

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()


def test_every_benchmark_that_can_be_run_has_its_line() -> None:
    runnable = {path.stem for path in (ROOT / "benchmarks").glob("*.py") if "__main__" in path.read_text()}
    named = set(re.findall(r"^\| `python -m benchmarks\.(\w+)` \| \w", README, re.MULTILINE))
    assert runnable - named == set()


def test_an_auditor_is_told_where_the_keys_come_from() -> None:
    section = README.split("## For auditors\n")[1].split("\n## ")[0]
    assert f"keys/{PUBLIC_FILE}" in section
    assert "manage.py export_trust" in section and "export_trust" in get_commands()
    assert "--trust" in section and "make verifier" in section
