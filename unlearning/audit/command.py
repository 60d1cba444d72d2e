"""`python -m unlearning audit [NAME ...]`: attack the certificates; exit code 1 when something did not hold."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from unlearning.audit.finding import Finding
from unlearning.audit.registry import AUDITS, Audit
from unlearning.audit.report import listing, table, to_json
from unlearning.audit.study import Study
from unlearning.meter import Meter

HELD, NOT_HELD, REFUSED = 0, 1, 64


def audit_command(argv: Sequence[str]) -> int:
    """Run the named audits (all without a name) and print the table. Returns 0, 1 when a finding did not hold, 64."""
    arguments = _parser().parse_args(argv)
    unknown = [name for name in arguments.names if name not in AUDITS]
    if unknown:
        return _refuse(f"expected audits among {', '.join(AUDITS)}, got {', '.join(unknown)}; see --list")
    if arguments.list:
        print(listing(AUDITS.values()))
        return HELD
    try:
        study = Study(
            runs=arguments.runs,
            confidence=arguments.confidence,
            seed=arguments.seed,
            delta=arguments.delta,
            meter=Meter(),
        )
    except ValueError as error:
        return _refuse(str(error))
    if arguments.json and not _writable(Path(arguments.json)):
        return _refuse(f"expected a file that can be written, got {arguments.json}; name one in a folder that exists")
    chosen = [audit for name, audit in AUDITS.items() if not arguments.names or name in arguments.names]
    findings = conduct(chosen, study)
    print(table(findings, study=study))
    if arguments.json:
        Path(arguments.json).write_text(to_json(findings, study=study))
    return HELD if all(finding.held for finding in findings) else NOT_HELD


def conduct(audits: Sequence[Audit], study: Study) -> list[Finding]:
    """The audits in turn."""
    findings: list[Finding] = []
    for audit in audits:
        findings += audit.attack(study)
        study.meter.end()
    return findings


def _writable(path: Path) -> bool:
    """Asked before the work, not after it."""
    return os.access(path if path.exists() else path.parent, os.W_OK) and not path.is_dir()


def _refuse(message: str) -> int:
    print(message, file=sys.stderr)
    return REFUSED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m unlearning audit", description="Attack the certificates: measured lower bounds beside them."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="which audits (default: all)")
    parser.add_argument("--list", action="store_true", help="what there is, and what each must do")
    parser.add_argument("--runs", type=int, default=100_000, help="simulated pipelines of each world (100000)")
    parser.add_argument("--confidence", type=float, default=0.95, help="of each lower bound (0.95)")
    parser.add_argument("--delta", type=float, default=1e-5, help="of the epsilons (1e-5)")
    parser.add_argument("--seed", type=int, default=0, help="of the simulated data; the engine's noise has no seed")
    parser.add_argument("--json", metavar="FILE", default=None, help="write the findings to a file too")
    return parser
