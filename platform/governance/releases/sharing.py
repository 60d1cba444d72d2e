"""One object may be several things at once: what else has the bytes that one model's list is about to destroy.

Seeded training gives the same bytes for the same recipe and rows, and a file may be taken in twice. Bytes go when
nobody needs them; whoever still does is waited for by name, or keeps them where it never learned from these people.
"""

from collections.abc import Collection
from functools import lru_cache

from django.db.models import Q

from governance.audit.models import Thread
from governance.jobs.models import Job, Plan
from governance.jobs.people import subjects_of
from governance.lineage import selectors
from governance.lineage.model_files import is_safe, safetensors_header
from governance.lineage.models import Base, Checkpoint, Descent, Subject
from governance.objects.models import ObjectClaim, ObjectPart, StoredObject
from governance.objects.store import parts_of, path_of
from governance.releases.held import goes_by_itself, held_by

AT_WORK = (Plan.Status.UNLEARNING, Plan.Status.VERIFYING, Plan.Status.GATE, Plan.Status.STOPPED)
Digests = Collection[str]
# How every reason to wait begins: the console tells it from what failed.
STILL_NEEDED = "Still needed by"


class NotYetError(Exception):
    """An item that something else still needs; the plan waits for it, and doctor names it."""


def same_bytes(digest: str) -> list[str]:
    """The object, and every folder that holds one of its files of weights, under whatever name."""
    files = [file for file in parts_of(digest).values() if is_weights(file)]
    folders = ObjectPart.objects.filter(file__digest__in=files).exclude(folder__status=StoredObject.Status.DESTROYED)
    return sorted({digest, *folders.values_list("folder__digest", flat=True)})


def is_weights(digest: str) -> bool:
    """By content: a description that two models share makes them no twins."""
    return path_of(digest).is_file() and is_a_model(digest)


@lru_cache(maxsize=1024)
def is_a_model(digest: str) -> bool:
    """Of safetensors from the header alone. Another form has only what was trained elsewhere: it is read as a whole.

    Once, because a digest never names anything else, and a list that waits asks at every tick.
    """
    path = path_of(digest)
    with path.open("rb") as file:
        if safetensors_header(file, size=path.stat().st_size) is not None:
            return True
    return is_safe(path.read_bytes())


def lock(digests: Digests) -> None:
    """Whoever is about to record one of these objects waits, or has recorded it and is seen."""
    list(StoredObject.objects.select_for_update().filter(digest__in=digests).order_by("pk"))


def living(digests: Digests) -> list[Checkpoint]:
    """Checkpoints with these bytes that something still needs."""
    gone = (Checkpoint.Status.DESTROYED, Checkpoint.Status.DISCARDED)
    found = Checkpoint.objects.filter(object_digest__in=digests).exclude(status__in=gone)
    rows = found.select_related("model", "run").order_by("id")
    return [checkpoint for checkpoint in rows if not goes_by_itself(checkpoint)]


def keepers(digests: Digests, plan: Plan) -> list[str]:
    """References of what keeps these bytes although the plan's people go: it never learned from them.

    The plan's own candidate, a base, and living models whose lineage is known and says so. Empty: the bytes may go.

    Raises:
        NotYetError: a model that learned from them too, or nobody knows from whom, or work that is under way.
    """
    own = set(held_by(plan).values_list("pk", flat=True))
    others = [checkpoint for checkpoint in living(digests) if checkpoint.pk not in own]
    people = subjects_of(plan)
    wait_for([c for c in others if c.pk != plan.candidate_id and may_have_learned(c, people)])
    wait_for_work(digests, plan.ref)
    return [*(checkpoint.ref for checkpoint in others), *bases(digests)]


def wait_for(others: list[Checkpoint]) -> None:
    if not others:
        return
    first = others[0]
    known = "learned from unknown people" if is_of_unknown_origin(first) else "learned from these people too"
    raise NotYetError(f"{STILL_NEEDED} model {first.model.ref}: it has the same bytes and {known}; erase or withdraw")


def wait_for_work(digests: Digests, thread: str) -> None:
    """What a plan under way made, or a job is storing just now: both end by themselves or by a person."""
    trials = Q(purpose=Job.Purpose.QUALIFY, thread__in=Thread.objects.filter(closed=False).values("ref"))
    jobs = Job.objects.filter(Q(plan__status__in=AT_WORK) | trials, weights__in=digests).exclude(thread=thread)
    if (job := jobs.order_by("id").first()) is not None:
        raise NotYetError(f"{STILL_NEEDED} {job.thread}, which works with the same bytes")
    if ObjectClaim.objects.filter(stored__digest__in=digests).exists():
        raise NotYetError(f"{STILL_NEEDED} a job that is storing the same bytes")


def may_have_learned(checkpoint: Checkpoint, people: list[Subject]) -> bool:
    if is_of_unknown_origin(checkpoint):
        return True
    return any(selectors.affected_checkpoints(person).filter(pk=checkpoint.pk).exists() for person in people)


def is_of_unknown_origin(checkpoint: Checkpoint) -> bool:
    """Whether it, or what it carries on, was trained elsewhere: then equal bytes say more than its lineage does."""
    edge, seen = {checkpoint.pk}, set[int]()
    while edge:
        if Checkpoint.objects.filter(pk__in=edge, run__snapshot=None).exists():
            return True
        seen |= edge
        above = Descent.objects.filter(child__in=edge, kind__in=selectors.INHERITING)
        edge = set(above.values_list("parent", flat=True)) - seen
    return False


def standing_apart(checkpoint: Checkpoint) -> list[str]:
    """References of living checkpoints of other models, and of a base, with the bytes of a withdrawn one's.

    Whoever asks to leave such a model is answered by its own plans, so the withdrawn model's row may go without them.

    Raises:
        NotYetError: one of them is of unknown origin: nobody's erasure would ever reach it.
    """
    same = same_bytes(checkpoint.object_digest)
    others = [other for other in living(same) if other.model_id != checkpoint.model_id]
    wait_for([other for other in others if is_of_unknown_origin(other)])
    wait_for_work(same, "")
    return [*(other.ref for other in others), *bases(same)]


def bases(digests: Digests) -> list[str]:
    found = Base.objects.filter(object_digest__in=digests).exclude(status=Base.Status.DESTROYED)
    return list(found.values_list("ref", flat=True))


def needed(digests: Digests, *, thread: str) -> bool:
    """Whether a living model or work under way, other than this case's own, has these bytes."""
    try:
        wait_for_work(digests, thread)
    except NotYetError:
        return True
    return bool(living(digests))
