"""What a resumable engine left in its folder, handed from one attempt to the next and to nobody else.

It holds weights that still know what was to be forgotten: it goes with the job's end, at the latest with the janitor's
next round, and the destruction list names it with the job's folders.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from governance.jobs.leases import Held
from governance.jobs.models import Job
from unlearning.catalog import ENGINES

STATE = "resume"  # the subfolder in which a resumable engine keeps its state
SUFFIX = ".kept"


def place_of(root: Path, ref: str) -> Path:
    """Where a state waits between two attempts, beside the folders of the attempts."""
    return root / f"{ref}{SUFFIX}"


def set_aside(held: Held, folder: Path) -> None:
    """Before an attempt's folder is wiped: keep its state if the job will be tried again, by an engine that can go on.

    Only the newest attempt's counts: an older one wakes up late and knows less.
    """
    state, place = folder / STATE, place_of(folder.parent, held.ref)
    job = Job.objects.filter(ref=held.ref).first()
    if job is None or job.status in Job.FINAL:
        shutil.rmtree(place, ignore_errors=True)
    elif state.is_dir() and job.token == held.token and is_resumable(job):
        shutil.rmtree(place, ignore_errors=True)
        os.rename(state, place)


def take_over(earlier: Path | None, folder: Path) -> None:
    """Into a new attempt's folder: the state of the attempt before, whose worker may be gone without a word."""
    ref = folder.name.partition(".")[0]
    place = place_of(folder.parent, ref)
    if earlier is not None and (earlier / STATE).is_dir():
        shutil.rmtree(place, ignore_errors=True)
        os.rename(earlier / STATE, place)
    if place.is_dir():
        os.rename(place, folder / STATE)


def sweep(root: Path) -> int:
    """Remove the states of jobs that have ended. Returns how many."""
    gone = [place for place in waiting(root) if not goes_on(place.name.removesuffix(SUFFIX))]
    for place in gone:
        shutil.rmtree(place, ignore_errors=True)
    return len(gone)


def waiting(root: Path) -> Iterator[Path]:
    return root.glob(f"job_*{SUFFIX}")


def goes_on(ref: str) -> bool:
    return Job.objects.filter(ref=ref).exclude(status__in=Job.FINAL).exists()


def is_resumable(job: Job) -> bool:
    return job.engine in ENGINES and ENGINES[job.engine].resumable
