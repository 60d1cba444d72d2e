"""A digest copied from the report is the digest: it may break over lines, and nothing unseen stands in it."""

import re
import shutil
import subprocess
import unicodedata
import warnings
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typst

from governance.jobs.models import Certificate
from governance.reports.facts.whole import report_facts
from governance.reports.pdf import TEMPLATES, typeset
from tests.reports.case import Closed

AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
DIGEST = "sha256:" + "0123456789abcdef" * 4


def copied(pdf: bytes, folder: Path) -> str | None:
    """The text as a reader copies it, in reading order. Without pdftotext it is not read, and the run says so."""
    if shutil.which("pdftotext") is None:
        warnings.warn("pdftotext (poppler-utils) is not here: no digest was copied from the PDF", stacklevel=2)
        return None
    (folder / "page.pdf").write_bytes(pdf)
    return subprocess.run(
        ["pdftotext", str(folder / "page.pdf"), "-"], capture_output=True, text=True, check=True
    ).stdout


def unseen(text: str) -> set[str]:
    """Characters that take no place on the page. Line and page breaks are `Cc`, these are `Cf`."""
    return {character for character in text if unicodedata.category(character) == "Cf"}


def test_the_reports_digests_are_copied_whole(house: Closed, tmp_path: Path) -> None:
    text = copied(typeset(report_facts(plan=house.plan, at=AT), at=AT), tmp_path)
    if text is None:
        return
    assert unseen(text) == set()
    unbroken = text.replace("\n", "")
    release = house.plan.release
    for digest in (Certificate.objects.get(plan=house.plan).digest, release.checkpoint.object_digest, house.plan.ref):
        assert digest in unbroken
    assert release.approval_digest in unbroken


@pytest.mark.parametrize("value", [DIGEST, "hmac:" + "f" * 64, "plan_" + "0a" * 16, "policy:fixed", "9f" * 30, "x", ""])
@pytest.mark.parametrize("width", ["30mm", "60mm", "150mm"])
def test_a_code_breaks_only_into_lines_however_narrow_its_column(value: str, width: str, tmp_path: Path) -> None:
    shutil.copy(TEMPLATES / "style.typ", tmp_path)
    page = tmp_path / "page.typ"
    page.write_text(
        f'#import "style.typ": code\n#set page(width: {width}, height: auto, margin: 2mm)\n#code("{value}")'
    )
    text = copied(typst.compile(page, root=tmp_path, format="pdf", ignore_system_fonts=True), tmp_path)
    if text is not None:
        assert text.strip("\n\f").replace("\n", "") == value
        assert len(re.findall("[^\n\f]+", text)) <= max(1, 2 + len(value) // 8)
