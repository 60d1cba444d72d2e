"""Retracting a base that turns out to know people of this house: nothing new may stand on it, and what does is named.

A person decides. Nobody can be erased from a base, and nobody knows who is in it: models that stand on it end by
withdrawal, which is always open, and with the last of them the base's own bytes go (docs/decisions/0035).
"""

from contextlib import suppress

from django.db import transaction
from django.db.models import QuerySet

from governance.actors import TICK, Actor
from governance.audit.models import Event
from governance.errors import Conflict, Forbidden, Invalid, StaleState
from governance.jobs.models import Job
from governance.jobs.services import cancel
from governance.lineage.bases import INPUT
from governance.lineage.models import Base, Checkpoint, TrainedModel
from governance.objects.destruction import destroy
from governance.releases.models import Release
from governance.releases.services import withdraw
from governance.transitions import move

LONGEST_REASON = 200
NOT_OUT_YET = (Release.Status.PROPOSED, Release.Status.APPROVED)


@transaction.atomic
def retract_base(*, base: Base, reason: str, actor: Actor) -> Base:
    """Take back that nobody here is in a base. It cannot be undone: the declaration was wrong once.

    Trainings, retrainings, references and trials that start from it are cancelled, which stops the plans that wait for
    them; releases that are not out yet are withdrawn. What is out stays out until its model is withdrawn, by a person.

    Raises:
        Forbidden: person_needed. Invalid: reason_missing. Conflict: already_retracted.
    """
    if actor.user is None:
        raise Forbidden("Only a person may retract a base.", code="person_needed")
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise Invalid(
            f"Expected a reason of 1 to {LONGEST_REASON} characters, got {len(reason.strip())}.",
            code="reason_missing",
            remedy="Say in a sentence without names why people of this house are in it.",
        )
    # Models before their base, as whoever plans or publishes locks them.
    list(standing_on(base).select_for_update(of=("self",)).order_by("pk"))
    row = Base.objects.select_for_update().get(pk=base.pk)
    if row.status != Base.Status.REGISTERED:
        raise Conflict(
            f"Base {row.ref} was retracted before.", code="already_retracted", remedy="Withdraw what stands on it."
        )
    move(row, Base.Status.RETRACTED, actor=actor, event=Event.BASE_RETRACTED, reason=reason.strip())
    not_out = Release.objects.filter(checkpoint__model__in=standing_on(row), status__in=NOT_OUT_YET)
    for release in not_out.select_for_update(of=("self",)).order_by("pk"):
        withdraw(release=release, reason="The base was retracted.", actor=actor)
    cancel_all(row, actor=actor)
    base.refresh_from_db()
    return base


def standing_on(base: Base) -> QuerySet[TrainedModel]:
    return TrainedModel.objects.filter(public_inputs__contains={INPUT: base.object_digest})


def starting_from(base: Base) -> list[Job]:
    """Jobs that are not over and have the base among their inputs; few are open at a time."""
    under_way = Job.objects.exclude(status__in=Job.FINAL).order_by("id")
    return [job for job in under_way if job.spec["inputs"].get(INPUT, {}).get("digest") == base.object_digest]


def cancel_all(base: Base, *, actor: Actor) -> None:
    """Until none is left: one that ends while it is to be cancelled may have begun the next, which is seen then."""
    while found := [job for job in starting_from(base) if not job.cancel_requested]:
        for job in found:
            with suppress(StaleState):
                cancel(job.ref, actor=actor)


def left_standing(base: Base) -> QuerySet[TrainedModel]:
    """Models on it whose weights are still here."""
    living = Checkpoint.objects.exclude(status=Checkpoint.Status.DESTROYED)
    return standing_on(base).filter(checkpoints__in=living).distinct().order_by("name")


def advance_retracted() -> int:
    """Destroy every retracted base that nothing stands on any more; how many went."""
    return sum(end(base) for base in Base.objects.filter(status=Base.Status.RETRACTED).order_by("id"))


@transaction.atomic
def end(base: Base) -> int:
    """Of two ticks the second waits, and finds it done."""
    row = Base.objects.select_for_update().get(pk=base.pk)
    if row.status != Base.Status.RETRACTED or left_standing(row).exists() or starting_from(row):
        return 0
    move(row, Base.Status.DESTROYED, actor=TICK, event=Event.BASE_DESTROYED, body={"weights": row.object_digest})
    destroy(row.object_digest)
    return 1
