"""Every release of a model whose data hold sentinels is asked about them: once, as soon as it is proposed.

The tick calls `advance`. A test is one job of the ordinary battery, on rows of nobody; nothing is drawn again or
chosen because of it. It may raise an alarm on the release and on its plan, and nothing else.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from evidence.canonical import digest_json
from governance.actors import TICK, Actor
from governance.audit.models import Event, Sealed
from governance.audit.sealing import seal, unseal
from governance.audit.services import append
from governance.errors import Conflict, Destroyed, Invalid, NotFound, ObelusError
from governance.ids import new_ref
from governance.jobs.models import Job, Plan
from governance.jobs.submission import submit
from governance.lineage.models import Checkpoint
from governance.objects.destruction import destroy
from governance.objects.store import hold, put_bytes
from governance.releases.models import Release
from governance.verification.sentinel_findings import Bits, Question, found_of
from governance.verification.sentinel_groups import Layout, layout_of
from governance.verification.sentinel_kinds import kind_of
from governance.verification.sentinel_list import unseal_list
from governance.verification.sentinel_models import SentinelRetest, SentinelSet
from governance.verification.sentinel_questions import INPUT, QUESTIONS, Asked, of_engine

log = logging.getLogger("tick")
FORMAT = "obelus/sentinel-retest/1"
Outcome = SentinelRetest.Outcome
TO_COME = (Release.Status.PROPOSED, Release.Status.APPROVED, Release.Status.PUBLISHED)


def advance() -> int:
    """Read what has come back, then begin what is missing. Returns how many tests moved."""
    running = SentinelRetest.objects.filter(outcome="", job__status__in=Job.FINAL).order_by("id")
    read = sum(turn(retest.ref, partial(collect, retest)) for retest in running)
    sets = SentinelSet.objects.filter(revealed_at=None).order_by("id")
    return read + sum(turn(row.ref, partial(begin, row, each)) for row in sets for each in missing(row))


def turn(ref: str, act: Callable[[], int]) -> int:
    """One set's turn. What stops it is said, and does not stop the others."""
    try:
        return act()
    except Conflict:  # another tick was first
        return 0
    except ObelusError as error:
        log.error("%s could not be asked about", ref, extra={"code": error.code})
        return 0


def begin(row: SentinelSet, checkpoint: Checkpoint) -> int:
    """Its test; of a set whose list nobody can read any more, that there can be none: no later turn would differ."""
    try:
        return int(retest(sentinels=row, checkpoint=checkpoint, actor=TICK) is not None)
    except (NotFound, Destroyed) as lost:
        return not_asked(row, checkpoint, lost)


@transaction.atomic
def not_asked(row: SentinelSet, checkpoint: Checkpoint, why: ObelusError) -> int:
    """Write down a test that could not be begun, so that pages, verdict and doctor say it and not a log alone."""
    log.error("%s could not be asked about", row.ref, extra={"code": why.code})
    row = SentinelSet.objects.select_for_update().get(pk=row.pk)
    if SentinelRetest.objects.filter(sentinels=row, checkpoint=checkpoint).exists():
        return 0
    found = SentinelRetest.objects.create(ref=new_ref("ret"), sentinels=row, checkpoint=checkpoint)
    write_down(found, {"outcome": Outcome.UNTESTED.value, "words": f"It could not be asked about: {why.detail}"})
    return 1


def missing(row: SentinelSet) -> list[Checkpoint]:
    """Checkpoints put forward for release since the planting that were not asked yet."""
    asked = SentinelRetest.objects.filter(sentinels=row).values("checkpoint")
    found = Checkpoint.objects.filter(
        model__dataset=row.dataset, release__status__in=TO_COME, created_at__gte=row.created_at
    )
    return list(found.exclude(pk__in=asked).exclude(status=Checkpoint.Status.DESTROYED).order_by("id"))


@transaction.atomic
def retest(*, sentinels: SentinelSet, checkpoint: Checkpoint, actor: Actor) -> SentinelRetest | None:
    """Begin one test of one checkpoint; None where it never met a sentinel of this set.

    Raises:
        Conflict: already_retested.
    """
    row = SentinelSet.objects.select_for_update().get(pk=sentinels.pk)
    if SentinelRetest.objects.filter(sentinels=row, checkpoint=checkpoint).exists():
        raise Conflict(f"{checkpoint.ref} has been asked about {row.ref} already.", code="already_retested")
    asking = QUESTIONS.get(checkpoint.model.engine)
    layout = layout_of(row, unseal_list(row), checkpoint, yardstick=asking.yardstick(row) if asking else 0)
    if not layout.count("erased") and not layout.count("kept"):
        return None
    found = SentinelRetest(ref=new_ref("ret"), sentinels=row, checkpoint=checkpoint)
    if asking is None:
        found.save()
        write_down(found, {"outcome": Outcome.UNTESTED.value, "words": "No attack of ours fits this kind of model."})
        return found
    found.rows = put_bytes(kind_of(row.dataset).stored(layout.drawn), owner=found.ref)
    hold(found.rows)
    try:
        with transaction.atomic():
            found.job = ask(asking, layout, found, actor)
    except Invalid as error:
        destroy(found.rows)
        found.save()
        write_down(found, {"outcome": Outcome.UNTESTED.value, "words": f"It could not be tested: {error.detail}"})
        return found
    found.save()
    seal(row.ref, f"layout/{found.ref}", layout.as_json())
    return found


def ask(asking: Asked, layout: Layout, found: SentinelRetest, actor: Actor) -> Job:
    """All groups as canaries of one attack, so that no group is treated differently. Nothing is compared with the
    model before the deletion, which may be gone: the checkpoint stands in for it, and that arm is not read."""
    weights = found.checkpoint.object_digest
    return submit(
        engine=asking.engine,
        params=asking.params(found.sentinels, found.checkpoint),
        inputs={"candidate": weights, "original": weights, INPUT: found.rows},
        manifests=asking.manifests(layout),
        actor=actor,
    )


@transaction.atomic
def collect(retest: SentinelRetest) -> int:
    """Read a test that has ended, write down what it says, destroy its rows; raise the alarm where it is one."""
    retest = SentinelRetest.objects.select_for_update(of=("self",)).get(pk=retest.pk)
    job = retest.job
    if retest.outcome or job is None:
        return 0
    if job.status == Job.Status.SUCCEEDED:
        write_down(retest, read(retest, job))
    else:
        write_down(retest, {"outcome": Outcome.UNTESTED.value, "words": f"Its job ended: {job.get_status_display()}."})
    Sealed.objects.filter(case_id=retest.sentinels.ref, name=f"layout/{retest.ref}").delete()
    Sealed.objects.filter(case_id=job.ref).delete()
    destroy(retest.rows)
    return 1


def read(retest: SentinelRetest, job: Job) -> dict[str, Any]:
    """What it says; a test that nobody can read any more ends too, since a verdict may be waiting for it."""
    try:
        layout = unseal(retest.sentinels.ref, f"layout/{retest.ref}")
    except NotFound:
        return {"outcome": Outcome.UNTESTED.value, "words": "Which of its rows were erased ones is lost."}
    return judged(retest, answers(job, layout), first=of_engine(job.engine).first)


def answers(job: Job, layout: list[list[Any]]) -> list[tuple[Question, Bits]]:
    """By question and group one bit each: whether more than half of a sentinel's rows were recognised."""
    lines = ((job.result or {}).get("open") or {"measurements": []})["measurements"]
    return [(question, by_group(bits, layout)) for question, bits in of_engine(job.engine).read(lines)]


def by_group(bits: list[int], layout: list[list[Any]]) -> Bits:
    groups: dict[str, list[int]] = {name: [] for name, _ in layout}
    row = 0
    for name, count in layout:
        groups[name].append(int(2 * sum(bits[row : row + count]) > count))
        row += count
    return groups


def judged(retest: SentinelRetest, asked: list[tuple[Question, Bits]], *, first: str) -> dict[str, Any]:
    """Against the level fixed at the planting; every earlier test of this set on this line has spent its share."""
    earlier = SentinelRetest.objects.filter(
        sentinels=retest.sentinels, checkpoint__model=retest.checkpoint.model, pk__lt=retest.pk
    )
    return found_of(
        asked,
        level=retest.sentinels.body["level"],
        test=earlier.count() + 1,
        was_clean=earlier.filter(outcome=Outcome.CLEAN).exists(),
        first=first,
    )


def write_down(retest: SentinelRetest, said: dict[str, Any]) -> None:
    row, checkpoint = retest.sentinels, retest.checkpoint
    body = {"format": FORMAT, "set": row.ref, "checkpoint": checkpoint.ref, "weights": checkpoint.object_digest, **said}
    retest.body, retest.digest, retest.outcome = body, digest_json(body), said["outcome"]
    retest.done_at = timezone.now()
    retest.save(update_fields=["body", "digest", "outcome", "done_at"])
    told = {"set": row.ref, "weights": checkpoint.object_digest, "outcome": retest.outcome, "retest": retest.digest}
    append(Event.SENTINELS_TESTED, thread=row.ref, actor=TICK, body=told)
    if retest.outcome in SentinelRetest.ALARMS:
        raise_alarm(retest, told)


def raise_alarm(retest: SentinelRetest, told: dict[str, Any]) -> None:
    """In the set's trail, and in the plan's or the release's own while that is open."""
    append(Event.SENTINELS_ALARM, thread=retest.sentinels.ref, actor=TICK, body=told)
    for thread in open_threads(retest.checkpoint)[:1]:
        with suppress(Conflict), transaction.atomic():
            append(Event.SENTINELS_ALARM, thread=thread, actor=TICK, body=told)


def open_threads(checkpoint: Checkpoint) -> list[str]:
    """The trail that its approvers and auditors read: of the plan it is the candidate of, else of its release."""
    plans = Plan.objects.filter(candidate=checkpoint).values_list("ref", flat=True)
    return [*plans, *Release.objects.filter(checkpoint=checkpoint).values_list("ref", flat=True)]
