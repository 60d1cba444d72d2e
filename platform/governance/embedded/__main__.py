"""python -m governance.embedded [--var DIR] [-- COMMAND ARGS...]

Starts PostgreSQL and Redis, except those that DATABASE_URL (with DATABASE_OWNER_URL) or REDIS_URL name already, and
runs COMMAND beside them; without a command it serves until a signal. Exit codes: the command's own (128 + n when
signal n ended it, 127 when it does not exist); 0 after serving until a signal; 64 wrong use; 69 a server could not be
started or kept up; 73 another supervisor runs on this folder.
"""

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from .command import Signals, run_beside, wait_for_signal
from .errors import EXIT_USAGE, EmbeddedError
from .supervisor import Supervisor
from .urls import OutsideUrls


def main(arguments: Sequence[str]) -> int:
    """Run as the shell asked and return the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s", stream=sys.stderr)
    options = _parse(arguments)
    try:
        supervisor = Supervisor(var=options.var, outside=OutsideUrls.from_environment(os.environ))
        with Signals().caught() as signals:
            return _supervised(supervisor, options.command, signals)
    except EmbeddedError as error:
        print(f"obelus.embedded: {error}", file=sys.stderr)
        return error.exit_code


def _supervised(supervisor: Supervisor, command: Sequence[str], signals: Signals) -> int:
    urls = supervisor.start(is_interrupted=lambda: bool(signals.received))
    if urls is None:
        return 128 + signals.received[0]
    try:
        if command:
            environment = {**os.environ, **urls.environment(), "OBELUS_VAR": str(supervisor.var)}
            environment.pop("PGPORT", None)  # libpq would look for the socket of that port
            code = run_beside(supervisor, command, environment=environment, signals=signals)
        else:
            print(f"obelus.embedded: serving on {supervisor.var}; Ctrl-C ends it", file=sys.stderr, flush=True)
            wait_for_signal(supervisor, signals)
            code = 0
    finally:
        supervisor.stop()
    supervisor.raise_failure()
    return code


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    before, separator, command = _split(arguments)
    parser = argparse.ArgumentParser(
        prog="python -m governance.embedded", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    var = Path(os.environ.get("OBELUS_VAR") or "var")
    parser.add_argument("--var", type=Path, default=var, help="data, keys and logs (default: OBELUS_VAR, ./var)")
    options, unknown = parser.parse_known_args(before)
    if unknown or (separator and not command):
        parser.print_usage(sys.stderr)
        raise SystemExit(EXIT_USAGE)
    options.command = command
    return options


def _split(arguments: Sequence[str]) -> tuple[list[str], bool, list[str]]:
    if "--" not in arguments:
        return list(arguments), False, []
    at = list(arguments).index("--")
    return list(arguments[:at]), True, list(arguments[at + 1 :])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
