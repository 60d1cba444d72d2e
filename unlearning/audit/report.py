"""The closing table and its JSON: certified, measured, what had to hold, and whether it did."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence

from unlearning.audit.finding import Finding
from unlearning.audit.registry import Audit
from unlearning.audit.study import Study

FORMAT = "obelus/audit/1"
HEAD = ("what was attacked", "certified", "measured", "had to", "")
HONEST = (
    "An audit below its certificate proves nothing: it means only that this attack, so often, did not find more.",
    "An audit above its certificate is a bug. A positive control claims something known to be false for that attack;",
    "were it not exceeded, the audit would be blind.",
)

CHANCE = "Chance lifts a bound above a certificate that is exact about once in 300 times: run it again; a bug stays."


def table(findings: Sequence[Finding], *, study: Study) -> str:
    """The findings under a line for each audit, in columns, and the honest words."""
    rows = [_cells(finding) for finding in findings]
    widths = [max(map(len, column)) for column in zip(HEAD, *rows, strict=True)]
    lines = [_row(HEAD, widths), "-" * (sum(widths) + 2 * (len(widths) - 1))]
    audit = ""
    for finding, cells in zip(findings, rows, strict=True):
        if finding.audit != audit:
            audit = finding.audit
            lines += ["", audit]
        lines.append(_row(cells, widths))
    return "\n".join([*lines, "", summary(findings, study=study), *HONEST])


def summary(findings: Sequence[Finding], *, study: Study) -> str:
    """One sentence on how it went; failures by name."""
    how = f"Lower bounds at {100 * study.confidence:.6g}% confidence each, {study.runs:,} runs of each world."
    failed = [finding for finding in findings if not finding.held]
    if not failed:
        return f"All {len(findings)} held. {how}"
    named = "; ".join(f"{finding.audit}: {finding.what}: {finding.verdict}" for finding in failed)
    weak = any(finding.verdict in ("TOO WEAK", "NOT EXCEEDED") for finding in failed)
    remedy = "Raise --runs." if weak else CHANCE
    return f"{len(failed)} of {len(findings)} DID NOT HOLD: {named}. {remedy} {how}"


def listing(audits: Iterable[Audit]) -> str:
    """The names, the sentences, what each must do."""
    return "\n".join(f"{audit.name}\n    {audit.sentence}\n    Must: {audit.must}" for audit in audits)


def to_json(findings: Sequence[Finding], *, study: Study) -> str:
    """The same for machines. Raises: ValueError for a number that is none, which `held` never lets pass silently."""
    document = {
        "format": FORMAT,
        "confidence": study.confidence,
        "runs": study.runs,
        "seed": study.seed,
        "delta": study.delta,
        "held": all(finding.held for finding in findings),
        "findings": [finding.to_json() for finding in findings],
        "note": " ".join(HONEST),
    }
    return json.dumps(document, indent=1, sort_keys=True, allow_nan=False) + "\n"


def _cells(finding: Finding) -> tuple[str, ...]:
    return (
        f"  {finding.what}",
        f"{finding.unit} {number(finding.certified)}",
        f"> {number(finding.measured)}",
        finding.requirement,
        finding.verdict,
    )


def number(value: float) -> str:
    """Four digits, or the order of a small one; "none" where nothing is claimed."""
    if math.isinf(value):
        return "none"
    return f"{value:.4f}" if abs(value) >= 0.001 or value == 0.0 else f"{value:.1e}"


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
