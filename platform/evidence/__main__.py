"""`python -m evidence verify BUNDLE --trust FILE [--json]`: verify an evidence bundle offline.

Exit codes: 0 verified; 2 mistaken command line; else the code of the most fundamental fault (`--help` lists them).
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from evidence.faults import Fault, Report
from evidence.verify import verify_file

CLAIM = "arithmetic verified; execution attested; real-number noise assumed"


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; gives the exit code."""
    options = _parser().parse_args(arguments)
    report = verify_file(options.bundle, trust=options.trust)
    print(_as_json(report) if options.json else as_text(report))
    return report.exit_code


def as_text(report: Report) -> str:
    """The report for a person: what was found, then the answer in one line."""
    lines = []
    if report.kind:
        lines.append(f"bundle of kind {report.kind}, thread {report.thread}, log of {report.tree_size} entries")
    lines += [f"  held: {name}" for name in report.checked]
    lines += [f"  FAULT {line}" for line in report.differences]
    if report.differences:
        first = Fault(report.exit_code)
        lines.append(f"{report.answer} (exit {int(first)}): {first.meaning}")
    else:
        lines.append(_claim(report))
    return "\n".join(lines)


def _claim(report: Report) -> str:
    if report.kind == "erasure":
        return f"verified: {CLAIM}"
    if report.kind == "receipt":
        return "verified: this request's thread is whole and in the signed log, and the openings are about this person"
    return "verified: this job's thread is whole and in the signed log; execution attested"


def _as_json(report: Report) -> str:
    differences = [
        {"fault": line.fault.label, "code": int(line.fault), "where": line.where}
        | {"expected": line.expected, "found": line.found}
        for line in report.differences
    ]
    document = {
        "format": "obelus/verification/1",
        "answer": report.answer,
        "exit_code": report.exit_code,
        "kind": report.kind,
        "thread": report.thread,
        "tree_size": report.tree_size,
        "held": report.checked,
        "differences": differences,
        "claim": _claim(report) if not report.differences else None,
    }
    return json.dumps(document, indent=2)


def _parser() -> argparse.ArgumentParser:
    codes = "\n".join(f"  {int(fault)}  {fault.label}: {fault.meaning}" for fault in Fault)
    parser = argparse.ArgumentParser(
        prog="obelus-verifier",
        description="Verify an evidence bundle offline: no network, no GPU, no trust in who made it.",
        epilog=f"exit codes:\n  0  verified\n  2  mistaken command line\n{codes}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    verify = commands.add_parser("verify", help="verify one bundle")
    verify.add_argument("bundle", type=Path, help="the bundle file")
    verify.add_argument("--trust", type=Path, help="file of trusted keys (obelus/trust/1), got from elsewhere")
    verify.add_argument("--json", action="store_true", help="print the report as JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
