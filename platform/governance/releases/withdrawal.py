"""Withdrawing a model: the top of the ladder, always open, so that every request can end.

A person decides; the tick carries it on, because a running job and a serving deployment are waited for. Nothing here
can draw a second time: what a plan made is destroyed, and its model never learns again.
"""

import logging

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from governance.actors import TICK, Actor
from governance.audit.models import Event
from governance.audit.services import append
from governance.errors import Conflict, Forbidden, Invalid
from governance.jobs.models import Disposition, Job, Plan
from governance.jobs.plans import list_leftovers, void_candidate
from governance.jobs.services import cancel
from governance.lineage.models import Checkpoint, Deployment, TrainedModel
from governance.objects.destruction import destroy
from governance.releases import sharing
from governance.releases.held import ENDED_PLANS, FINISHING, under_way, unfinished_jobs
from governance.releases.models import Release
from governance.transitions import move, record_change

log = logging.getLogger("withdrawal")
LONGEST_REASON = 200
LIVE_RELEASES = (Release.Status.PROPOSED, Release.Status.APPROVED, Release.Status.PUBLISHED)


@transaction.atomic
def withdraw_model(*, model: TrainedModel, reason: str, actor: Actor) -> TrainedModel:
    """Give a model up for good. Always allowed: no cap, gate, verdict or plan stands in the way.

    Its releases are withdrawn, its work ends, its dispositions are `withdrawn`. Weights go when no deployment reports
    them any more (`advance_withdrawn`), rows when no live checkpoint learned from them.

    Raises:
        Forbidden: person_needed. Invalid: reason_missing. Conflict: already_withdrawn.
    """
    if actor.user is None:
        raise Forbidden("Only a person may withdraw a model.", code="person_needed")
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise Invalid(f"Say why, in 1 to {LONGEST_REASON} characters without names.", code="reason_missing")
    row = TrainedModel.objects.select_for_update().get(pk=model.pk)
    if row.withdrawn_at is not None:
        raise Conflict(f"Model {row.ref} was withdrawn on {row.withdrawn_at:%Y-%m-%d}.", code="already_withdrawn")
    TrainedModel.objects.filter(pk=row.pk).update(withdrawn_at=timezone.now())
    record_change(kind="TrainedModel", ref=row.ref, old="", new="withdrawn", actor=actor, reason=reason.strip())
    append(Event.MODEL_WITHDRAWN, thread=row.ref, actor=actor, body={"model": row.ref})
    wind_down(row, actor=actor)
    model.refresh_from_db()
    return model


def advance_withdrawn() -> int:
    """Carry every withdrawal on: end what still ran, then destroy what nobody serves. Returns how many weights went."""
    return sum(advance(model) for model in TrainedModel.objects.exclude(withdrawn_at=None).order_by("id"))


def advance(model: TrainedModel) -> int:
    try:
        wind_down(model, actor=TICK)
    except Conflict:
        # Somebody moved one of its rows in between; the next round sees the new state.
        log.warning("a withdrawn model could not be wound down yet", extra={"ref": model.ref})
        return 0
    if under_way(model).exists() or unfinished_jobs(model).exists():
        return 0
    return sum(destroy_when_free(each) for each in unserved(model))


@transaction.atomic
def wind_down(model: TrainedModel, *, actor: Actor) -> None:
    """Everything that can end now ends. Called again until nothing is left: a running job may still bring a model."""
    TrainedModel.objects.select_for_update().get(pk=model.pk)
    for job in unfinished_jobs(model).filter(cancel_requested=False):
        cancel(job.ref, actor=actor)
    for release in Release.objects.select_for_update().filter(checkpoint__model=model, status__in=LIVE_RELEASES):
        take_back(release, actor)
    for plan in under_way(model).exclude(status__in=FINISHING):
        drop(plan, actor)
    drop_dispositions(model, actor)


def take_back(release: Release, actor: Actor) -> None:
    """On the release's own thread: that of its plan may be closed already."""
    move(
        release,
        Release.Status.WITHDRAWN,
        actor=actor,
        event=Event.RELEASE_MOVED,
        thread=release.ref,
        reason="The model was withdrawn.",
    )
    if release.checkpoint.status == Checkpoint.Status.RELEASED:
        move(release.checkpoint, Checkpoint.Status.SUPERSEDED, actor=actor, event=Event.RELEASE_MOVED)


def drop(plan: Plan, actor: Actor) -> None:
    """End a plan that was not published; what it made goes on its list. A running job is waited for."""
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    if plan.jobs.exclude(status__in=Job.FINAL).exists():
        return
    if plan.status not in (Plan.Status.PROPOSED, Plan.Status.STOPPED):
        move(plan, Plan.Status.STOPPED, actor=actor, event=Event.PLAN_MOVED, body={"model": "withdrawn"})
    move(plan, Plan.Status.DISCARDED, actor=actor, event=Event.PLAN_MOVED, body={"model": "withdrawn"})
    void_candidate(plan, actor=actor)
    list_leftovers(plan)


def drop_dispositions(model: TrainedModel, actor: Actor) -> None:
    """What was decided about its checkpoints ends here, unless a published plan is about to end it better."""
    pending = Disposition.objects.filter(checkpoint__model=model, plan=None) | Disposition.objects.filter(
        checkpoint__model=model, plan__status__in=(*ENDED_PLANS, Plan.Status.PROPOSED)
    )
    still = (Disposition.Status.OPEN, Disposition.Status.PLANNED)
    for disposition in pending.filter(status__in=still).select_related("request").order_by("id"):
        move(
            disposition,
            Disposition.Status.WITHDRAWN,
            actor=actor,
            event=Event.REQUEST_MOVED,
            thread=disposition.request.ref,
            body={"disposition": disposition.ref, "model": model.ref},
            plan=None,
        )


def unserved(model: TrainedModel) -> QuerySet[Checkpoint]:
    """Its checkpoints that no deployment of it reports."""
    served = model.deployments.exclude(serving="").values("serving")
    return model.checkpoints.exclude(status=Checkpoint.Status.DESTROYED).exclude(object_digest__in=served)


def still_serving(model: TrainedModel) -> QuerySet[Deployment]:
    """The deployments for which a withdrawn model's weights are still kept."""
    left = model.checkpoints.exclude(status=Checkpoint.Status.DESTROYED)
    return model.deployments.filter(serving__in=left.values("object_digest")).order_by("name")


def shared_with(model: TrainedModel) -> str:
    """Why what is left of a withdrawn model waits although nobody serves it; empty where nothing holds it up."""
    for checkpoint in unserved(model):
        try:
            sharing.standing_apart(checkpoint)
        except sharing.NotYetError as error:
            return str(error)
    return ""


def destroy_when_free(checkpoint: Checkpoint) -> int:
    """Nothing happens while another model of unknown origin, or work under way, has the same bytes.

    What the disk refuses is tried again at the next round, and does not hold up the other models.
    """
    try:
        return destroy_checkpoint(checkpoint)
    except sharing.NotYetError:
        return 0
    except OSError as error:
        log.error("weights could not be destroyed: %s", error.strerror, extra={"ref": checkpoint.ref})
        return 0


@transaction.atomic
def destroy_checkpoint(checkpoint: Checkpoint) -> int:
    """Its row, and its bytes unless another model stands on the same ones."""
    same = sharing.same_bytes(checkpoint.object_digest)
    sharing.lock(same)
    kept = sharing.standing_apart(checkpoint)
    move(
        checkpoint,
        Checkpoint.Status.DESTROYED,
        actor=TICK,
        event=Event.CHECKPOINT_DESTROYED,
        body={"weights": checkpoint.object_digest, **({"kept_for": kept} if kept else {})},
        destroyed_at=timezone.now(),
    )
    for digest in [] if kept else same:
        destroy(digest)
    return 1
