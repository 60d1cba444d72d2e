"""Running a verification: the witness, retrained references, the attack beside its controls, then the verdict."""

from contextlib import suppress
from typing import Any

from django.db.models import QuerySet

from evidence.canonical import digest_json
from governance.actors import WORKER
from governance.audit.models import Event
from governance.audit.sealing import unseal
from governance.audit.services import append
from governance.errors import NotFound
from governance.jobs.models import Attempt, Job, Plan
from governance.jobs.people import superseded
from governance.jobs.running import rows_of
from governance.jobs.submission import submit
from governance.lineage.bases import retracted_base_of
from governance.lineage.models import Checkpoint
from governance.releases.gate import is_approximate, is_retrained
from governance.releases.opening import open_gate
from governance.transitions import move
from governance.verification.families import ATTACKS, attack_params, compares_with_references, family_of
from governance.verification.judging import with_retraining, with_witness, without_attack, written
from governance.verification.models import Verdict
from governance.verification.recipes import stands_in
from governance.verification.rows import attacked_rows
from governance.verification.sentinels_of_candidates import ask_about, still_asked, what_they_said
from governance.verification.witnessing import is_asked, newest_for_candidate, summon, witness_done


def begin(plan: Plan) -> None:
    """Start witness and controls; for a model family without an attack, its verdict waits for the witness alone."""
    if retracted_base_of(plan.model) is not None:
        # Its references would start from that base, and its gate is shut: a person withdraws the model.
        move(plan, Plan.Status.STOPPED, actor=WORKER, event=Event.PLAN_MOVED, body={"base": "retracted"})
        return
    summon(plan)
    if plan.candidate is not None:
        ask_about(plan.candidate)
    family = family_of(plan.model.engine)
    if family is None or why_no_attack(plan):
        conclude(plan)
        return
    family.train_controls(plan)
    attack_when_ready(plan)


def why_no_attack(plan: Plan) -> str:
    if family_of(plan.model.engine) is None:
        return f"No attack of ours fits models of engine {plan.model.engine!r}; nothing was tested."
    if plan.model.holdout is None or plan.model.holdout.destroyed_at is not None:
        return "There are no people in no model to compare with (a holdout); nothing was tested."
    return ""


def reference_done(job: Job) -> None:
    """The last control to come back starts the attack. The plan's row lock decides which is the last."""
    if not superseded(job):
        attack_when_ready(Plan.objects.select_for_update().get(jobs=job))


def attack_when_ready(plan: Plan) -> None:
    """Start the attack unless a control of this candidate is still to come; a plan that climbed has older ones."""
    began = plan.candidate.created_at if plan.candidate else plan.created_at
    controls = plan.jobs.filter(purpose=Job.Purpose.REFERENCE, created_at__gte=began)
    if not controls.exclude(status=Job.Status.SUCCEEDED).exists():
        attack(plan, controls)


def attack(plan: Plan, controls: QuerySet[Job]) -> Job:
    family, rules = family_of(plan.model.engine), plan.policy.body["verification"]
    source, candidate, holdout = plan.source, plan.candidate, plan.model.holdout
    if family is None or candidate is None or source.run.snapshot is None or holdout is None:
        raise NotFound(f"Plan {plan.ref} lacks a candidate, a snapshot or never-seen rows to compare with.")
    inputs = {
        "candidate": candidate.object_digest,
        "original": source.object_digest,
        rows_of(plan): source.run.snapshot.object_digest,
        "holdout": holdout.object_digest,
    }
    return submit(
        engine=family.attack,
        params=attack_params(family, rules, references=compares_with_references(plan), problem=plan.model.problem),
        inputs=inputs | family.control_inputs(controls),
        manifests=family.rows(plan) | attacked_rows(plan),
        purpose=Job.Purpose.VERIFY,
        plan=plan,
        actor=WORKER,
    )


def verified(job: Job) -> None:
    """An attack's or a witness's measurements are in."""
    if job.plan is None:
        raise ValueError(f"{job.ref} is a verification without a plan")
    if not superseded(job):
        conclude(job.plan)


def conclude(plan: Plan) -> None:
    """Once all that is asked has been measured: judge it, write the verdict down, open the gate or stop.

    The plan's row lock decides which of attack and witness is the last.
    """
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    witness, why = witness_done(plan), why_no_attack(plan)
    done = plan.jobs.filter(status=Job.Status.SUCCEEDED)
    job = done.latest("id") if why else newest_for_candidate(plan, done.filter(engine__in=ATTACKS))
    if job is None or (is_asked(plan) and witness is None) or (plan.candidate and still_asked(plan.candidate)):
        return
    body = without_attack(plan.policy, why) if why else attacked(plan, job)
    if not is_retrained(plan.candidate):
        body = with_retraining(body, plan.policy, plan.body["choice"].get("training_s"))
    record_verdict(plan, job, with_witness(body, witness.result or {}) if witness else body)


def attacked(plan: Plan, job: Job) -> dict[str, Any]:
    """The verdict on what the attack measured."""
    lines = list(((job.result or {}).get("open") or {"measurements": []})["measurements"])
    with suppress(NotFound):  # nothing was measured on deleted rows
        lines += unseal(plan.ref, f"measurements/{job.ref}")["measurements"]
    verifications = attempts(plan).filter(job__engine=job.engine).count()
    price, family = plan.body["choice"].get("training_s"), family_of(plan.model.engine)
    rules = family.for_verdict(plan.policy.body["verification"]) if family else None
    if compares_with_references(plan) or plan.candidate is None or not is_approximate(plan.candidate):
        return written(plan.policy, lines, attempt=verifications, training_s=price, rules=rules)
    known, why = stands_in(plan.model, plan.policy, before=job.created_at)
    body = written(plan.policy, lines, attempt=verifications, qualification=known, training_s=price, rules=rules)
    return {**body, "reasons": [*body["reasons"], *([why] if why else [])], "qualification": known and known.digest}


def attempts(plan: Plan) -> QuerySet[Attempt]:
    """Every attempt of the plan so far: each was logged before it began, and the verdict says how many there were."""
    return Attempt.objects.filter(job__plan=plan)


def record_verdict(plan: Plan, job: Job, body: dict[str, Any]) -> None:
    candidate = plan.candidate
    if not isinstance(candidate, Checkpoint):
        raise NotFound(f"Plan {plan.ref} has no candidate.")
    body = body | what_they_said(candidate, body["reasons"])
    outcome = body["outcome"] if body["outcome"] != "failed" else f"failed_{body['kind']}"
    verdict = Verdict.make(
        plan=plan,
        checkpoint=candidate,
        job=job,
        policy=plan.policy,
        outcome=outcome,
        body=body,
        digest=digest_json(body),
    )
    facts = {"verdict": verdict.digest, "outcome": body["outcome"], "attempts": attempts(plan).count()}
    append(Event.VERDICT_REACHED, thread=plan.ref, actor=WORKER, body=facts)
    open_gate(plan, verdict)
