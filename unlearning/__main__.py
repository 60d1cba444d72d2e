"""`python -m unlearning run JOB_DIR` does a job; `python -m unlearning account LEDGER --delta D` prices a ledger."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line and hand over; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m unlearning", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="do the job laid out in a folder")
    run.add_argument("job_dir", type=Path)
    account = commands.add_parser("account", help="price a ledger")
    account.add_argument("ledger", type=Path)
    account.add_argument("--delta", type=float, required=True)
    options = parser.parse_args(arguments)
    return _run(options.job_dir) if options.command == "run" else _account(options.ledger, delta=options.delta)


def _run(job_dir: Path) -> int:
    from unlearning.runner.run import run_folder

    return run_folder(job_dir)


def _account(ledger: Path, *, delta: float) -> int:
    from unlearning.accounting.command import account_command

    return int(account_command(ledger, delta=delta))


if __name__ == "__main__":
    sys.exit(main())
