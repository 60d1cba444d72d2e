"""After a verdict: put the candidate before the approvers, or stop and wait for a person."""

from governance.actors import WORKER, Actor
from governance.audit.models import Event
from governance.errors import GateShut
from governance.jobs.models import Plan
from governance.lineage.bases import locked_base
from governance.releases.gate import require_open
from governance.releases.services import propose
from governance.transitions import move
from governance.verification.models import Verdict


def open_gate(plan: Plan, verdict: Verdict) -> None:
    """Runs in the transaction of the verdict. The proposer is the person who confirmed the plan."""
    if plan.candidate is None or plan.proposer is None:
        raise ValueError(f"plan {plan.ref} reached its gate without candidate or proposer")
    locked_base(plan.model.public_inputs)
    try:
        require_open(plan.candidate, plan.policy)
    except GateShut:
        # The reason can be had again from the gate at any time; the log gets the outcome only.
        body = {"verdict": verdict.digest, "gate": "shut"}
        move(plan, Plan.Status.STOPPED, actor=WORKER, event=Event.PLAN_MOVED, body=body)
        return
    move(plan, Plan.Status.GATE, actor=WORKER, event=Event.PLAN_MOVED, body={"verdict": verdict.digest, "gate": "open"})
    proposer = Actor(role="worker", user=plan.proposer)
    propose(checkpoint=plan.candidate, policy=plan.policy, actor=proposer, plan=plan)
