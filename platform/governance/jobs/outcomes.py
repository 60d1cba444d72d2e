"""What a recorded result means to the platform, by the job's purpose. Runs in the transaction of the record.

The composition root of the governance apps' reactions: the only place that knows them all, so it imports late.
"""

from collections.abc import Callable
from importlib import import_module

from governance.actors import SYSTEM
from governance.audit.services import close_thread
from governance.jobs.models import Job

Purpose = Job.Purpose
# purpose -> "module:function" for a recorded result, and for a job that ended without one.
RECORDED = {
    Purpose.TRAIN: "governance.intake.late:trained",
    Purpose.UNLEARN: "governance.jobs.candidates:unlearned",
    Purpose.RETRAIN: "governance.jobs.candidates:retrained",
    Purpose.REFERENCE: "governance.verification.arms:reference_done",
    Purpose.VERIFY: "governance.verification.arms:verified",
    Purpose.QUALIFY: "governance.verification.qualifying:advanced",
}
ENDED_WITHOUT = {
    Purpose.UNLEARN: "governance.jobs.candidates:stopped",
    Purpose.RETRAIN: "governance.jobs.candidates:stopped",
    Purpose.REFERENCE: "governance.jobs.candidates:stopped",
    Purpose.VERIFY: "governance.jobs.candidates:stopped",
    Purpose.QUALIFY: "governance.verification.qualifying:broken_off",
}


# A dead letter goes round again: whatever stopped because of it waits for it once more.
SENT_ROUND_AGAIN: dict[Purpose, str] = {
    purpose: "governance.jobs.candidates:resumed" for purpose in ENDED_WITHOUT if purpose != Purpose.QUALIFY
}


def sent_round_again(job: Job) -> None:
    """A person gave a dead letter fresh attempts."""
    react(SENT_ROUND_AGAIN, job)


def apply(job: Job) -> None:
    """React to a recorded result."""
    react(RECORDED, job)
    close_own_thread(job)


def failed(job: Job) -> None:
    """The job ended without a result; whoever waits for it must learn."""
    react(ENDED_WITHOUT, job)
    close_own_thread(job)


def close_own_thread(job: Job) -> None:
    """A job without a plan is a case of its own, and this was its end. A dead letter may be sent round again."""
    if job.thread == job.ref and job.status != Job.Status.DEAD:
        close_thread(job.ref, actor=SYSTEM)


def react(table: dict[Purpose, str], job: Job) -> None:
    place = table.get(Purpose(job.purpose))
    if place is None:
        return
    module, name = place.split(":")
    function: Callable[[Job], object] = getattr(import_module(module), name)
    function(job)
