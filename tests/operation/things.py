"""The least rows that a plan needs, in whatever state a test wants to see diagnosed."""

from typing import Any

from governance.actors import SYSTEM
from governance.audit.models import Event
from governance.intake.models import ErasureRequest
from governance.intake.packs import install_packs
from governance.intake.services import receive
from governance.jobs.models import Disposition, Job, Plan
from governance.jobs.submission import submit
from governance.lineage.models import Checkpoint, TrainedModel, TrainingRun
from governance.releases.models import Release
from governance.transitions import move
from governance.verification.models import Policy

DIGEST = "sha256:" + "0" * 64
WHO = "maria.lopez@example.org"


def request(**changes: Any) -> ErasureRequest:
    install_packs()
    row = receive(subject_identifier=WHO, law="gdpr", actor=SYSTEM)
    ErasureRequest.objects.filter(pk=row.pk).update(**changes)
    row.refresh_from_db()
    return row


def noop(**options: Any) -> Job:
    return submit(engine="noop", params={"steps": 1, "pause_s": 0.0}, actor=SYSTEM, **options)


def checkpoint() -> Checkpoint:
    model, _ = TrainedModel.objects.get_or_create(name="classifier", engine="noop")
    return Checkpoint.objects.create(model=model, run=TrainingRun.objects.create(model=model), object_digest=DIGEST)


def policy() -> Policy:
    return Policy.make(name="strict", version=1, body={}, digest=DIGEST)


# How a plan comes to each status that a test asks for.
WAYS = {
    "unlearning": ["unlearning"],
    "gate": ["unlearning", "verifying", "gate"],
    "stopped": ["unlearning", "stopped"],
}


def plan(status: str) -> Plan:
    source = checkpoint()
    row = Plan.objects.create(
        model=source.model, source=source, policy=policy(), body={}, digest=DIGEST, route="delete"
    )
    for step in WAYS[status]:
        move(row, step, **moved())
    return row


def moved() -> dict[str, Any]:
    return {"actor": SYSTEM, "event": Event.PLAN_MOVED}


def joined(to: Plan, request: ErasureRequest) -> Disposition:
    return Disposition.objects.create(request=request, checkpoint=to.source, plan=to, status="planned")


def release(of: Plan, proposer: Any) -> Release:
    return Release.objects.create(
        checkpoint=of.source, plan=of, proposer=proposer, policy=of.policy, approval_digest=DIGEST
    )
