"""The auditor's report as PDF/UA-1, set by typst: no network, no fonts but its own, and the time handed in."""

import json
from datetime import datetime
from pathlib import Path

import typst
from django.utils import timezone

from governance.jobs.models import Plan
from governance.reports.facts.whole import Facts, report_facts

TEMPLATES = Path(__file__).with_name("templates")


def report_pdf(*, plan: Plan) -> bytes:
    """The report of a closed plan, from the same documents as its bundle. Raises: as `bundle`."""
    now = timezone.now()
    return typeset(report_facts(plan=plan, at=now), at=now)


def typeset(facts: Facts, *, at: datetime) -> bytes:
    """Set the report. The same facts at the same time give the same bytes."""
    return typst.compile(
        TEMPLATES / "report.typ",
        root=TEMPLATES,
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={"facts": json.dumps(facts)},
        pdf_standards="ua-1",
        timestamp=int(at.timestamp()),
    )
