"""What came of trying a recipe: the verdict on its canaries, written down once; then what it made is destroyed."""

from contextlib import suppress
from typing import Any

from django.db import connection, transaction

from evidence.canonical import digest_json
from governance.actors import TICK, WORKER
from governance.audit.models import CaseKey, Event
from governance.audit.sealing import destroy_case_key, unseal
from governance.audit.services import append, close_thread
from governance.errors import NotFound
from governance.jobs.models import Attempt, Job
from governance.jobs.same_weights import needed_elsewhere
from governance.objects.destruction import destroy
from governance.verification.families import family_of
from governance.verification.judging import written
from governance.verification.qualification_models import Qualification, QualificationRun

FORMAT = "obelus/qualification/1"
LOCK = 0x0BE1_C1EA
CONTROL_FAILED = (
    "The same tests fail a model that was retrained without the planted records, so they tell nothing of the recipe."
)


def conclude(run: QualificationRun, job: Job, *, control: Job | None = None) -> Qualification:
    """Judge what the attack measured on the canaries, against references that never held them.

    control: the same attack on a model that was retrained without them, judged alike. Tests that fail it tell nothing
    of the recipe, whatever they said of it.
    """
    outcome, reasons, verdict = judged(run, job)
    if control is None:
        return write_down(run, outcome, {"reasons": reasons, "verdict": verdict})
    beside, why, _ = judged(run, control)
    found = {"verdict": verdict, "control": {"outcome": beside, "reasons": why, "job": control.ref}}
    if beside == Qualification.Outcome.FAILED:
        return write_down(run, Qualification.Outcome.INCONCLUSIVE, {"reasons": [CONTROL_FAILED, *reasons], **found})
    return write_down(run, outcome, {"reasons": reasons, **found})


def judged(run: QualificationRun, job: Job) -> tuple[str, list[str], dict[str, Any]]:
    """(outcome, its reasons, the verdict's open part) of one attack."""
    lines = list(((job.result or {}).get("open") or {"measurements": []})["measurements"])
    with suppress(NotFound):
        lines += unseal(run.ref, f"measurements/{job.ref}")["measurements"]
    family = family_of(run.engine)
    rules = family.for_verdict(run.policy.body["verification"]) if family else None
    verdict = written(run.policy, lines, attempt=run.body["attempt"], rules=rules)
    said = {name: value for name, value in verdict.items() if name not in ("format", "policy")}
    canaries = said.get("canaries", {"outcome": "inconclusive", "reasons": ["No canary was attacked."]})
    outcome = outcome_of(canaries["outcome"], utility_failed=said["outcome"] == "failed")
    return outcome, canaries["reasons"], said


def outcome_of(canaries: str, *, utility_failed: bool) -> str:
    """`failed_residual` and `failed_over_forgotten` are both failures of the recipe, and so is a damaged model."""
    if utility_failed or canaries.startswith("failed"):
        return Qualification.Outcome.FAILED
    return Qualification.Outcome.PASSED if canaries == "passed" else Qualification.Outcome.INCONCLUSIVE


def conclude_without(run: QualificationRun, why: str) -> Qualification:
    """Nothing was shown: the honest answer is inconclusive."""
    return write_down(run, Qualification.Outcome.INCONCLUSIVE, {"reasons": [why], "verdict": None})


def write_down(run: QualificationRun, outcome: str, found: dict[str, Any]) -> Qualification:
    jobs = list(Job.objects.filter(thread=run.ref).order_by("id").values_list("ref", flat=True))
    body = {
        "format": FORMAT,
        "run": run.digest,
        "policy": run.policy.digest,
        "recipe": run.body["recipe"],
        "outcome": outcome,
        "jobs": jobs,
        **found,
    }
    made = Qualification.make(run=run, outcome=outcome, body=body, digest=digest_json(body))
    facts = {
        "qualification": made.digest,
        "run": run.digest,
        "outcome": outcome,
        "attempts": Attempt.objects.filter(job__thread=run.ref).count(),
    }
    append(Event.QUALIFICATION_REACHED, thread=run.ref, actor=WORKER, body=facts)
    return made


def clear_up() -> int:
    """Destroy the models that ended runs made, and the key of what was sealed; how many runs were cleared.

    The rows are public, but a model kept is a model that somebody may one day take for a release.
    """
    sealed = CaseKey.objects.filter(destroyed_at=None).values("case_ref")
    ended = Qualification.objects.filter(run__ref__in=sealed).select_related("run")
    return sum(clear(found.run) for found in ended)


@transaction.atomic
def clear(run: QualificationRun) -> int:
    """Not while a job may still write to the run's trail."""
    # One after the other: of two runs with the same weights, the later one must see that the first is over.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    jobs = Job.objects.filter(thread=run.ref)
    if is_cleared(run) or jobs.exclude(status__in=Job.FINAL).exists():
        return 0
    for weights in jobs.exclude(weights="").values_list("weights", flat=True):
        if not needed_elsewhere(weights, thread=run.ref):
            destroy(weights)
    close_thread(run.ref, actor=TICK)
    destroy_case_key(run.ref, actor=TICK)
    return 1


def is_cleared(run: QualificationRun) -> bool:
    """By another tick, since this one looked."""
    return not CaseKey.objects.filter(case_ref=run.ref, destroyed_at=None).exists()
