"""The destruction list of a plan: one order, automatic, and only when no deployment serves the old weights.

The certificate starts at its last item. A crash in between leaves items open; the next tick goes on.
"""

import logging
import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from evidence.canonical import digest_json
from governance.actors import TICK
from governance.audit.models import Event, Sealed
from governance.audit.services import append, close_thread
from governance.errors import Conflict, ObelusError
from governance.intake.models import ErasureRequest
from governance.intake.services import fulfil_if_done
from governance.jobs.models import Certificate, Disposition, Job, Plan
from governance.jobs.people import records_of, subjects_of
from governance.jobs.plans import move_disposition
from governance.lineage.models import Checkpoint, Deployment, Snapshot, Subject
from governance.lineage.services import forget, retire
from governance.objects.files import shred
from governance.releases.listing import holding_checkpoints, holding_snapshots, list_for, living_copies, needed_by
from governance.releases.models import DestructionItem
from governance.releases.sharing import STILL_NEEDED, NotYetError
from governance.releases.weights import destroy_reference, destroy_weights, still_stored
from governance.transitions import move

log = logging.getLogger("tick")
Kind = DestructionItem.Kind


def advance_published() -> int:
    """Start the destruction of every plan whose deployments have all switched."""
    count = 0
    for plan in Plan.objects.filter(status=Plan.Status.PUBLISHED).select_related("candidate"):
        if plan.candidate is not None and not serving_other(plan, plan.candidate).exists():
            count += begin(plan)
    return count


def serving_other(plan: Plan, candidate: Checkpoint) -> QuerySet[Deployment]:
    """Deployments of the model that still report other weights; one that never reported anything serves nothing."""
    return plan.model.deployments.exclude(serving=candidate.object_digest).exclude(serving="")


@transaction.atomic
def begin(plan: Plan) -> int:
    """Write the list down and enter DESTROYING; nothing is destroyed in this transaction."""
    list(plan.model.deployments.select_for_update().order_by("id"))  # nobody switches back while we look
    if plan.candidate is None or serving_other(plan, plan.candidate).exists():
        return 0
    items = write_down(plan, list_for(plan))
    for deployment in plan.model.deployments.exclude(serving="").order_by("id"):
        switched = {"deployment": deployment.ref, "weights": deployment.serving}
        append(Event.DEPLOYMENT_REPORTED, thread=plan.ref, actor=TICK, body=switched)
    body = {"items": items}
    move(plan, Plan.Status.DESTROYING, actor=TICK, event=Event.PLAN_MOVED, body=body)
    return 1


def write_down(plan: Plan, found: list[tuple[str, str]]) -> int:
    """Add to the list what is not on it yet; how many were added."""
    known = set(plan.destruction.values_list("kind", "target"))
    start = plan.destruction.count()
    new = [entry for entry in dict.fromkeys(found) if entry not in known]
    DestructionItem.objects.bulk_create(
        DestructionItem(plan=plan, position=start + i, kind=kind, target=target) for i, (kind, target) in enumerate(new)
    )
    return len(new)


def advance_destroying() -> int:
    """Carry every list on, item by item; close the plan when its list is done. A discarded plan has a list too."""
    begun = Plan.objects.filter(status=Plan.Status.DESTROYING)
    dropped = Plan.objects.filter(status=Plan.Status.DISCARDED, destruction__isnull=False)
    return sum(each(plan) for plan in [*begun, *dropped.filter(destruction__done_at=None).distinct()])


def each(plan: Plan) -> int:
    """One plan's turn. What stops it is written down and does not stop the others."""
    try:
        return turn(plan)
    except ObelusError as error:
        log.error("a destruction list could not go on", extra={"plan": plan.ref, "code": error.code})
        return 0


def turn(plan: Plan) -> int:
    if plan.status == Plan.Status.DISCARDED:
        return carry_on(plan)
    # Whatever came to hold the records since the list was written belongs on it.
    write_down(plan, list_for(plan))
    count = carry_on(plan)
    if not plan.destruction.filter(done_at=None).exists():
        complete(plan)
    return count


def carry_on(plan: Plan) -> int:
    return sum(carry_out(item) for item in plan.destruction.filter(done_at=None).order_by("position"))


def carry_out(item: DestructionItem) -> int:
    try:
        ACTS[Kind(item.kind)](item)
    except (OSError, NotYetError) as error:
        said = error.strerror if isinstance(error, OSError) else str(error)
        DestructionItem.objects.filter(pk=item.pk).update(error=f"{said}"[:200])
        return 0
    return DestructionItem.objects.filter(pk=item.pk, done_at=None).update(done_at=timezone.now(), error="")


@transaction.atomic
def retire_snapshot(item: DestructionItem) -> None:
    """The object and all its salts; without its salt a leaf says nothing about its row.

    Raises:
        NotYetError: another model learned from this version, and its own plan must start from it.
    """
    snapshot = Snapshot.objects.get(ref=item.target)
    if snapshot.destroyed_at is not None:
        return
    if waiting := needed_by(snapshot, item.plan):
        raise NotYetError(f"{STILL_NEEDED} the plan of {', '.join(waiting)}, which learned from the same rows")
    retire(snapshot, at=timezone.now())


def wipe_job_folders(item: DestructionItem) -> None:
    for folder in (Path(settings.OBELUS_VAR) / "jobs").glob(f"{item.target}.*"):
        for path in folder.rglob("*"):
            # Inputs are hard links to the store's own bytes: other jobs may need them.
            if path.is_file() and not path.is_symlink() and path.stat().st_nlink == 1:
                shred(path)
        shutil.rmtree(folder)


def destroy_measurements(item: DestructionItem) -> None:
    """Results on deleted rows are noiseless functions of them: sealed while the case ran, now gone."""
    Sealed.objects.filter(case_id=item.plan.ref, name=f"measurements/{item.target}").delete()


ACTS = {
    Kind.WEIGHTS: destroy_weights,
    Kind.CANDIDATE: destroy_weights,
    Kind.SNAPSHOT: retire_snapshot,
    Kind.JOB_FOLDER: wipe_job_folders,
    Kind.REFERENCE: destroy_reference,
    Kind.MEASUREMENTS: destroy_measurements,
}


@transaction.atomic
def complete(plan: Plan) -> None:
    """The last item is gone: the certificate takes effect, dispositions end, requests may be fulfilled."""
    lock_in_order(plan)
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    if holding_checkpoints(plan) or holding_snapshots(plan) or living_copies(plan):
        raise Conflict(f"Plan {plan.ref} still has something to destroy.", code="destruction_incomplete")
    if plan.candidate is not None and serving_other(plan, plan.candidate).exists():
        raise Conflict(f"A deployment went back to weights that plan {plan.ref} destroyed.", code="old_weights_served")
    now = timezone.now()
    items = [{"kind": i.kind, "target": i.target} for i in plan.destruction.order_by("position")]
    body: dict[str, Any] = {"items": len(items), "list": digest_json(items)}
    if kept := still_stored(plan):
        body["kept"] = kept
    if {"kind": Kind.WEIGHTS.value, "target": plan.source.object_digest} in items:
        body["replaced"] = plan.source.object_digest
    append(Event.DESTRUCTION_COMPLETED, thread=plan.ref, actor=TICK, body=body)
    forget(records=list(records_of(plan)), at=now)
    start_certificate(plan, now.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
    Certificate.objects.filter(plan=plan, checkpoint=plan.candidate).update(effective_at=now)
    end_dispositions(plan)
    move(plan, Plan.Status.CLOSED, actor=TICK, event=Event.PLAN_MOVED, closed_at=now)
    close_thread(plan.ref, actor=TICK)


def lock_in_order(plan: Plan) -> None:
    """Requests, then people, then the plan: the order in which a scope is confirmed, so that none waits in a ring."""
    requests = ErasureRequest.objects.filter(dispositions__plan=plan).values("pk")
    list(ErasureRequest.objects.select_for_update().filter(pk__in=requests).order_by("pk"))
    people = [subject.pk for subject in subjects_of(plan)]
    list(Subject.objects.select_for_update().filter(pk__in=people).order_by("pk"))


def start_certificate(plan: Plan, at: str) -> None:
    for certificate in Certificate.objects.filter(plan=plan, checkpoint=plan.candidate):
        body = {"certificate": certificate.digest, "at": at}
        append(Event.CERTIFICATE_EFFECTIVE, thread=plan.ref, actor=TICK, body=body)


def end_dispositions(plan: Plan) -> None:
    ended = Disposition.Status.RETRAINED if is_retrained(plan) else Disposition.Status.UNLEARNED
    rows = list(plan.dispositions.filter(status=Disposition.Status.PLANNED).select_related("request"))
    for disposition in rows:
        move_disposition(disposition, ended, plan=plan, actor=TICK)
    for request in {d.request for d in rows}:
        fulfil_if_done(request=request, actor=TICK)


def is_retrained(plan: Plan) -> bool:
    return Job.objects.filter(plan=plan, purpose=Job.Purpose.RETRAIN, status=Job.Status.SUCCEEDED).exists()
