"""What a recorded result means to the platform, by the job's purpose. Runs in the transaction of the record."""

from collections.abc import Callable

from governance.jobs.models import Job


def nothing(job: Job) -> None:
    """A job that stands for itself."""


APPLY: dict[str, Callable[[Job], None]] = {Job.Purpose.NONE: nothing}
FAILED: dict[str, Callable[[Job], None]] = {Job.Purpose.NONE: nothing}


def apply(job: Job) -> None:
    APPLY[job.purpose](job)


def failed(job: Job) -> None:
    """The job ended without a result; whoever waits for it must learn."""
    FAILED[job.purpose](job)
