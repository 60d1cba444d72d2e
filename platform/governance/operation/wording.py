"""The console's words for what a thing waits on, without the names of people: a shell's output ends up anywhere."""

from dataclasses import replace

from governance.console.waiting import APPROVALS, Waiting, blocker
from governance.intake.models import ErasureRequest
from governance.jobs.models import Disposition, Job, Plan
from governance.releases.models import Release

PENDING = (Disposition.Status.OPEN, Disposition.Status.PLANNED)


def words_for(row: ErasureRequest | Plan | Job | Release) -> Waiting:
    """On whom and why, said without a name; `blocker` decides, this only leaves people out."""
    release = release_behind(row)
    if release is None or release.status != Release.Status.PROPOSED:
        return blocker(row)
    given = release.approvals.count()
    why = f"{given} of {APPROVALS} approvals given to release {release.ref}; neither its proposer nor one person twice."
    return replace(blocker(release), on="an approver", why=why)


def release_behind(row: ErasureRequest | Plan | Job | Release) -> Release | None:
    """The release whose approval the thing waits for, if that is what it waits for."""
    if isinstance(row, Release):
        return row
    if isinstance(row, Plan):
        at_the_gate = row.status == Plan.Status.GATE
        return Release.objects.filter(plan=row).first() if at_the_gate else None
    if isinstance(row, ErasureRequest):
        pending = row.dispositions.filter(status__in=PENDING).select_related("plan").order_by("id").first()
        return release_behind(pending.plan) if pending and pending.plan else None
    return None
