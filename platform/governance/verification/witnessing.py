"""The witness of noise and steps: asked for by the policy, put to every noisy candidate, heard before the verdict.

It reads old and new weights and the rows that stay, while the old weights are still there. It may accuse, and an
accusation is an alarm like any other (decision 0017): nothing is drawn again or chosen because of it.
"""

from typing import Any

from django.db.models import QuerySet

from governance.actors import WORKER
from governance.jobs.models import Job, Plan
from governance.jobs.running import keep_json
from governance.jobs.submission import submit
from governance.lineage.models import Checkpoint
from governance.verification.models import Policy

ENGINE = "verify.witness"


def rules_of(policy: Policy) -> dict[str, Any] | None:
    """Parameters of the witness; policies from before there was one have none."""
    rules: dict[str, Any] | None = policy.body["verification"].get("witness")
    return rules


def is_asked(plan: Plan) -> bool:
    """Whether the policy wants a witness and the candidate has a ledger to be held to."""
    return rules_of(plan.policy) is not None and plan.candidate is not None and plan.candidate.ledger is not None


def summon(plan: Plan) -> None:
    """Submit the witness's job if it is asked for."""
    candidate, snapshot = plan.candidate, plan.new_snapshot
    if not is_asked(plan) or not isinstance(candidate, Checkpoint) or snapshot is None:
        return
    submit(
        engine=ENGINE,
        params=dict(rules_of(plan.policy) or {}),
        inputs={
            "old": plan.source.object_digest,
            "new": candidate.object_digest,
            "features": snapshot.object_digest,
            "ledger": keep_json(candidate.ledger, owner=plan.ref),
        },
        manifests={"retain": {"features": list(range(snapshot.rows))}},
        purpose=Job.Purpose.VERIFY,
        plan=plan,
        actor=WORKER,
    )


def witness_done(plan: Plan) -> Job | None:
    """The recorded witness of this candidate."""
    return newest_for_candidate(plan, plan.jobs.filter(engine=ENGINE, status=Job.Status.SUCCEEDED))


def newest_for_candidate(plan: Plan, jobs: QuerySet[Job]) -> Job | None:
    """The newest of these that was submitted for the plan's present candidate: a plan that climbed has older ones."""
    if plan.candidate is None:
        return None
    return jobs.filter(created_at__gte=plan.candidate.created_at).order_by("-id").first()
