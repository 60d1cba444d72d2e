"""Plans at work: one whose job runs, one that waits at the gate, one proposed, and a dead letter."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from evidence.canonical import digest_json
from governance.actors import WORKER
from governance.audit.models import Event
from governance.audit.services import append
from governance.jobs.models import Disposition, Job, Plan
from governance.jobs.submission import submit
from governance.lineage.models import Checkpoint, Descent, TrainingRun
from governance.releases.models import Approval, DestructionItem, Release
from governance.releases.services import approved_content
from governance.transitions import move
from governance.verification.models import Verdict
from tests.console import attacked, lines
from tests.console.clock import REAL_NOW, days_ago

STEPS = 212
RECIPE = {
    "lam": 0.05,
    "eta": 0.5,
    "sigma": 0.02,
    "steps": STEPS,
    "n_0": 569,
    "norm_bound": 1.0,
    "classes": [0, 1],
    "centres": [0.0] * 30,
    "scales": [1.0] * 30,
    "adjacency": "replace",
    "contribution_cap": 1,
}


def build(world: Any) -> None:
    world.running_plan = confirmed(world, world.tumour, "patient", 4.0)
    world.running_job = at_work(world, world.running_plan)
    world.gate_plan = at_the_gate(world)
    world.dead_job = dead_letter(world)


def live(model: Any) -> Checkpoint:
    return model.checkpoints.get(status="released")


def confirmed(world: Any, model: Any, prefix: str, age: float) -> Plan:
    from tests.console.world import digest

    requests = [row for name, row in world.requests.items() if name.startswith(prefix)]
    with days_ago(age):
        body = plan_body(len(requests))
        plan = Plan.objects.create(
            model=model,
            source=live(model),
            policy=world.policy,
            body=body,
            digest=digest(f"plan-{prefix}"),
            route="certified.delete",
        )
        append(Event.POLICY_FIXED, thread=plan.ref, actor=world.as_officer(), body={"policy": world.policy.digest})
        append(Event.PLAN_PROPOSED, thread=plan.ref, actor=world.as_officer(), body={"plan": plan.digest})
    with days_ago(age - 0.3):
        actor, user = world.as_officer(), world.people["officer"]
        move(plan, "unlearning", actor=actor, event=Event.PLAN_CONFIRMED, proposer=user, body={"plan": plan.digest})
        for row in Disposition.objects.filter(request__in=requests):
            Disposition.objects.filter(pk=row.pk).update(plan=plan)
            move(row, "planned", actor=actor, event=Event.PLAN_MOVED, thread=plan.ref)
        for request in requests:
            move(request, "in_progress", actor=actor, event=Event.REQUEST_MOVED)
    return plan


def at_work(world: Any, plan: Plan) -> Job:
    """A job as a worker that is alive shows it: leased for an hour, somewhere in the middle."""
    with days_ago(0.02):
        job = submit(engine="certified.delete", params=RECIPE, actor=world.as_officer(), plan=plan, purpose="unlearn")
        until = timezone.now() + timedelta(hours=2)
        facts = {"lease_until": until, "heartbeat_at": REAL_NOW(), "worker": "worker-1", "phase": "deleting"}
        counts = {"step": 87, "steps": STEPS, "rate": 1.4, "attempt": 1, "token": 1}
        move(job, "running", actor=WORKER, event=Event.ATTEMPT_STARTED, thread=plan.ref, **facts, **counts)
        job.attempts.create(number=1, token=1, worker="worker-1")
    return job


def at_the_gate(world: Any) -> Plan:
    from tests.console.world import digest

    plan = confirmed(world, world.digits, "writer", 6.0)
    with days_ago(5.2):
        job = submit(engine="certified.delete", params=RECIPE, actor=world.as_officer(), plan=plan, purpose="unlearn")
        done = {"step": STEPS, "steps": STEPS, "attempt": 1, "token": 1, "ended_at": timezone.now(), "phase": "done"}
        until = timezone.now() + timedelta(hours=1)
        move(job, "running", actor=WORKER, event=Event.ATTEMPT_STARTED, thread=plan.ref, lease_until=until)
        move(job, "succeeded", actor=WORKER, event=Event.JOB_RECORDED, thread=plan.ref, **done)
        run = TrainingRun.objects.create(model=plan.model, snapshot=plan.source.run.snapshot)
        ledger = lines.unlearned(plan.source, 2, job.ref).to_dict()
        candidate = Checkpoint.objects.create(
            model=plan.model, run=run, object_digest=digest("candidate"), ledger=ledger
        )
        Descent.objects.create(parent=plan.source, child=candidate, kind=Descent.Kind.UNLEARNED)
        move(plan, "verifying", actor=WORKER, event=Event.PLAN_MOVED, candidate=candidate)
        lines.certificate(candidate, a=0.47, b=1.31, b_before=1.31, effective=False, plan=plan)
        append(Event.CERTIFICATE_ISSUED, thread=plan.ref, actor=WORKER, body={"certificate": digest("cert")})
    with days_ago(4.9):
        verdict(plan, attacked.attack(world, plan), candidate, world)
        move(plan, "gate", actor=WORKER, event=Event.PLAN_MOVED)
        world.release = proposed(world, plan, candidate)
        for place, kind in enumerate(("weights", "dataset_object", "job_folder")):
            DestructionItem.objects.create(plan=plan, position=place, kind=kind, target=digest(kind))
    return plan


def verdict(plan: Plan, job: Job, candidate: Checkpoint, world: Any) -> None:
    from tests.console.world import digest

    body = {
        "format": "obelus/verdict/1",
        "outcome": "inconclusive",
        "reasons": [
            "What was measured on the erased records is sealed, and destroyed with the case.",
            "Utility on people never seen is within the bounds of the policy.",
        ],
        "power": "With 12 records a recovery rate 24 points above the reference would be seen 80 times in 100.",
        **attacked.batteries(),
    }
    row = Verdict.make(
        plan=plan,
        checkpoint=candidate,
        job=job,
        policy=world.policy,
        outcome="inconclusive",
        body=body,
        digest=digest("v"),
    )
    append(
        Event.VERDICT_REACHED, thread=plan.ref, actor=WORKER, body={"verdict": row.digest, "outcome": "inconclusive"}
    )


def proposed(world: Any, plan: Plan, candidate: Checkpoint) -> Release:
    release = Release.objects.create(
        checkpoint=candidate,
        plan=plan,
        proposer=world.people["officer"],
        policy=world.policy,
        approval_digest=digest_json(approved_content(candidate, world.policy)),
    )
    append(Event.RELEASE_PROPOSED, thread=plan.ref, actor=world.as_officer(), body={"release": release.ref})
    Approval.make(release=release, user=world.people["ann"], approval_digest=release.approval_digest)
    append(Event.RELEASE_APPROVED, thread=plan.ref, actor=world.as_approver("ann"), body={"release": release.ref})
    return release


def dead_letter(world: Any) -> Job:
    with days_ago(1.5):
        job = submit(engine="noop", params={"steps": 50}, actor=world.as_officer())
        why = {"code": "exit_137", "message": "the runner was killed: out of memory", "failures": 3, "attempt": 3}
        move(job, "dead", actor=WORKER, event=Event.JOB_MOVED, ended_at=timezone.now(), **why)
        for number in (1, 2, 3):
            job.attempts.create(
                number=number,
                token=number,
                worker="worker-2",
                ended_at=timezone.now(),
                outcome="queued",
                cause="exit_137",
            )
    return job


def plan_body(rows: int) -> dict[str, Any]:
    choice = {
        "route": "certified.delete",
        "steps": 212,
        "delete_steps": 212,
        "delete_cost_s": 61.0,
        "retrain_cost_s": 148.0,
        "reaches_epsilon": 0.47,
        "next_release_epsilon": 1.31,
        "within_cap": True,
        "code": None,
        "reason": "Deletion reaches epsilon 0.5 in 212 steps, 24 % of a retraining's 900, and costs 61 s, not 148.",
    }
    return {"format": "obelus/plan/1", "inputs": {"batch_rows": rows, "steps_learn": 900}, "choice": choice}
