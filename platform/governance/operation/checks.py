"""What the house stands on, looked at one by one: each check answers with a sentence when something is wrong."""

import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from django.conf import settings

from governance.api import health
from governance.jobs.models import Job
from governance.objects.destruction import unreferenced
from governance.objects.references import held_for_nothing

FREE_AT_LEAST_BYTES = 1 << 30
KEY_MODE, FOLDER_MODE = 0o600, 0o700
Problem = str | None


@dataclass(frozen=True)
class Check:
    """A thing to look at, and the command that mends it."""

    name: str
    look: Callable[[], Problem]
    command: str


def all_checks() -> list[Check]:
    """What to look at: without a database only what can be seen without one."""
    return ground() if unless(health.database, "away") else [*ground(), *kept_in_the_database()]


def ground() -> list[Check]:
    return [
        Check("database", lambda: unless(health.database, "it does not answer"), "make up, or correct DATABASE_URL"),
        Check("redis", lambda: unless(health.doorbell, "it does not answer"), "make up, or correct REDIS_URL"),
        Check("disk", disk, f"df -h {quote(str(settings.OBELUS_VAR))}, and make room"),
        Check("keys", keys, f"chmod -R go= {quote(str(settings.KEYS))}"),
    ]


def kept_in_the_database() -> list[Check]:
    return [
        Check("migrations", lambda: unless(health.migrations, "some are not applied"), "manage.py migrate_house"),
        Check("log", lambda: unless(health.log_is_numbered, log_lag()), "manage.py tick"),
        Check("objects", objects, "manage.py fsck --secrets"),
    ]


def unless(holds: Callable[[], bool], sentence: str) -> Problem:
    """Ask one of the questions of /readyz; an exception is a no, and its text (an address, a password) stays here."""
    try:
        return None if holds() else sentence
    except Exception as error:
        return f"{sentence} ({type(error).__name__})"


def log_lag() -> str:
    return f"entries have waited for their number for more than {health.LOG_LAG_S} s"


def disk() -> Problem:
    free = shutil.disk_usage(settings.OBELUS_VAR).free
    if free >= FREE_AT_LEAST_BYTES:
        return None
    return f"{free / 1e9:.2f} GB are free, expected {FREE_AT_LEAST_BYTES / 1e9:.2f} at least"


def keys() -> Problem:
    open_to_others = sorted(path.name for path in loose(Path(settings.KEYS)))
    return f"others may read {', '.join(open_to_others)}" if open_to_others else None


def loose(folder: Path) -> Iterator[Path]:
    """The folder and the files in it whose mode lets in anybody but the owner."""
    if not folder.exists():
        return
    for path, most in [(folder, FOLDER_MODE), *((path, KEY_MODE) for path in secret_files(folder))]:
        if stat.S_IMODE(path.stat().st_mode) & ~most:
            yield path


def secret_files(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_file() and path.suffix != ".pub"]


def objects() -> Problem:
    """Objects that nothing refers to. While a job runs, what it is storing looks the same, so nothing is said."""
    try:
        if Job.objects.filter(status=Job.Status.RUNNING).exists():
            return None
        found = [*unreferenced(), *held_for_nothing()]
    except Exception as error:
        return f"they could not be compared with the database ({type(error).__name__})"
    return f"{len(found)} without a reference, or missing" if found else None
