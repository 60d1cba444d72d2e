"""The models a request touches: checkpoint, disposition, plan, what replaced it, and where it is served."""

from dataclasses import dataclass

from governance.console.tones import tone_of
from governance.intake.models import ErasureRequest
from governance.jobs.models import Disposition
from governance.lineage.models import Deployment
from governance.releases.models import Release


@dataclass(frozen=True)
class Serving:
    name: str
    words: str
    tone: str


@dataclass(frozen=True)
class Touched:
    disposition: Disposition
    tone: str
    release: Release | None
    serving: list[Serving]


def touched_by(request: ErasureRequest) -> list[Touched]:
    rows = request.dispositions.select_related("checkpoint__model", "plan__candidate").order_by("id")
    return [
        Touched(row, tone_of(row.status), release_of(row), [serving_of(d, row) for d in deployments_of(row)])
        for row in rows
    ]


def release_of(row: Disposition) -> Release | None:
    return Release.objects.filter(plan=row.plan).select_related("proposer").first() if row.plan else None


def deployments_of(row: Disposition) -> list[Deployment]:
    return list(Deployment.objects.filter(model=row.checkpoint.model).order_by("name"))


def serving_of(deployment: Deployment, row: Disposition) -> Serving:
    """In words what a deployment last told us, seen from this checkpoint."""
    candidate = row.plan.candidate if row.plan else None
    if not deployment.serving:
        return Serving(deployment.name, "has not reported yet", "wait")
    if candidate and deployment.serving == candidate.object_digest:
        return Serving(deployment.name, "serves the new weights", "done")
    if deployment.serving == row.checkpoint.object_digest:
        return Serving(deployment.name, "still serves these weights", "soon")
    return Serving(deployment.name, "serves other weights", "ended")
