"""Plans: proposed from public facts, confirmed by a person, discarded before they run."""

from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from evidence.canonical import digest_json
from governance.actors import Actor
from governance.audit.models import Event
from governance.audit.sealing import commit
from governance.audit.services import append
from governance.errors import Conflict, Forbidden
from governance.ids import new_ref
from governance.intake.models import ErasureRequest
from governance.jobs import running
from governance.jobs.models import Certificate, Disposition, Job, Plan
from governance.jobs.never_seen import named_beforehand
from governance.jobs.planfacts import Batch, certified_plan, due_batch
from governance.jobs.recipe_plans import recipe_body
from governance.jobs.services import cancel
from governance.lineage.bases import require_standing
from governance.lineage.models import Checkpoint, TrainedModel
from governance.transitions import move
from governance.verification.models import Policy
from unlearning.accounting import AccountingError

CERTIFIED = "certified.train"
DRAWING = (Job.Purpose.UNLEARN, Job.Purpose.RETRAIN)


@transaction.atomic
def propose(*, model: TrainedModel, policy: Policy, actor: Actor) -> Plan:
    """Join what is due for a model into one plan under a policy that was fixed before.

    Raises:
        Conflict: nothing is due, or a plan for this model is already under way.
        NotCertifiable: gaps in the lineage; base_retracted: nothing that stands on it would be released.
    """
    TrainedModel.objects.select_for_update().get(pk=model.pk)
    require_standing(model.public_inputs)
    ended = (Plan.Status.CLOSED, Plan.Status.DISCARDED)
    if (other := model.plans.exclude(status__in=ended).first()) is not None:
        raise Conflict(f"Plan {other.ref} for this model is still open.", code="plan_open", remedy="Finish it first.")
    batch = due_batch(model)
    body = plan_body(batch, policy)
    plan = Plan.objects.create(
        ref=new_ref("plan"),
        model=model,
        source=batch.source,
        policy=policy,
        body=body,
        digest=digest_json(body),
        route=body["choice"]["route"],
    )
    Disposition.objects.filter(pk__in=[d.pk for d in batch.dispositions]).update(plan=plan)
    append(Event.POLICY_FIXED, thread=plan.ref, actor=actor, body={"policy": policy.digest})
    append(Event.PLAN_PROPOSED, thread=plan.ref, actor=actor, body={"plan": plan.digest, "route": plan.route})
    return plan


def plan_body(batch: Batch, policy: Policy) -> dict[str, Any]:
    if batch.source.model.engine == CERTIFIED:
        try:
            return certified_plan(batch, policy).to_dict()
        except AccountingError as error:
            raise Conflict(error.message, code=error.code.lower(), remedy=error.remedy) from error
    return recipe_body(batch, policy)


@transaction.atomic
def confirm(*, plan: Plan, actor: Actor) -> Plan:
    """A person confirms the plan and becomes its proposer; the work starts.

    Raises:
        Forbidden: not a person. Conflict: the facts have changed since it was proposed.
    """
    if actor.user is None:
        raise Forbidden("A person must confirm a plan; a machine cannot.")
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    batch = planned_batch(plan)
    move(
        plan,
        Plan.Status.UNLEARNING,
        actor=actor,
        event=Event.PLAN_CONFIRMED,
        body={"plan": plan.digest, "proposer": commit(plan.ref, actor.user.ref), **named_beforehand(plan)},
        proposer=actor.user,
    )
    for disposition in batch.dispositions:
        move_disposition(disposition, Disposition.Status.PLANNED, plan=plan, actor=actor)
    running.start(plan, batch, actor=actor)
    return plan


def planned_batch(plan: Plan) -> Batch:
    """The batch as it is now, if it is still the one the plan was made for, and may still lead to a release."""
    require_standing(plan.model.public_inputs)
    batch = due_batch(plan.model)
    stale = {d.plan_id for d in batch.dispositions} != {plan.pk} or batch.source.pk != plan.source_id
    if stale or digest_json(plan_body(batch, plan.policy)) != plan.digest:
        raise Conflict(
            f"What is due for {plan.model.ref} has changed since plan {plan.ref} was proposed.",
            code="plan_stale",
            remedy="Discard the plan and propose a new one.",
        )
    return batch


def move_disposition(disposition: Disposition, to: str, *, plan: Plan, actor: Actor) -> None:
    """Move one disposition, and take its request along when the work begins."""
    request = disposition.request
    # One request may stand in several dispositions, each read with a copy of it that does not know of the others.
    request.refresh_from_db(fields=["status"])
    move(disposition, to, actor=actor, event=Event.PLAN_MOVED, thread=plan.ref, body={"disposition": disposition.ref})
    if to == Disposition.Status.PLANNED and request.status == ErasureRequest.Status.SCOPED:
        move(request, ErasureRequest.Status.IN_PROGRESS, actor=actor, event=Event.REQUEST_MOVED, body={})


@transaction.atomic
def discard(*, plan: Plan, actor: Actor) -> Plan:
    """Drop a plan whose work has not begun; its dispositions are open again.

    Raises:
        Conflict: drawn: a candidate was or is being drawn. Dropping it and planning anew would be a second draw at no
            price, and whoever chose the moment may have seen the first (design, "no selection by deleted rows").
    """
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    if is_drawn(plan):
        raise Conflict(
            f"Plan {plan.ref} has drawn a candidate already; it cannot be dropped and begun again.",
            code="drawn",
            remedy="Send its dead letter round, call its alarm false, climb to retraining, or withdraw the model.",
        )
    move(plan, Plan.Status.DISCARDED, actor=actor, event=Event.PLAN_MOVED, body={})
    void_candidate(plan, actor=actor)
    list_leftovers(plan)
    for disposition in plan.dispositions.filter(status=Disposition.Status.PLANNED):
        move_disposition(disposition, Disposition.Status.OPEN, plan=plan, actor=actor)
    plan.dispositions.update(plan=None)
    return plan


def is_drawn(plan: Plan) -> bool:
    """Whether a candidate was or is being drawn: from then on the plan cannot be dropped and begun again."""
    return bool(plan.jobs.filter(purpose__in=DRAWING, attempt__gt=0).exists())


@transaction.atomic
def climb(*, plan: Plan, actor: Actor) -> Plan:
    """A stopped plan goes on with the next planned method, or starts over by retraining: that way is always open."""
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    require_stopped(plan, actor)
    void_candidate(plan, actor=actor)
    step = running.next_step(plan)
    body = {"climb": "unlearn", "method": step["method"]} if step else {"climb": "retrain"}
    move(plan, Plan.Status.UNLEARNING, actor=actor, event=Event.PLAN_MOVED, body=body)
    (running.unlearn_again if step else running.retrain)(plan, actor=actor)
    return plan


@transaction.atomic
def climb_to_the_top(*, plan: Plan, actor: Actor) -> Plan:
    """As `climb`, but past the methods that were not tried: retraining is open to a stopped plan at any time."""
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    require_stopped(plan, actor)
    void_candidate(plan, actor=actor)
    move(plan, Plan.Status.UNLEARNING, actor=actor, event=Event.PLAN_MOVED, body={"climb": "retrain"})
    running.retrain(plan, actor=actor)
    return plan


def require_stopped(plan: Plan, actor: Actor) -> None:
    if actor.user is None:
        raise Forbidden("A person must decide to climb.")
    if plan.status != Plan.Status.STOPPED:
        raise Conflict(f"Plan {plan.ref} has not stopped; only a stopped plan climbs.", code="not_stopped")
    require_standing(plan.model.public_inputs)


def void_candidate(plan: Plan, *, actor: Actor) -> None:
    """A candidate that was stopped is never published: its certificate is void, and it is on the destruction list.

    Whatever still runs for it is cancelled.
    """
    for job in plan.jobs.exclude(status__in=Job.FINAL):
        cancel(job.ref, actor=actor)
    for certificate in plan.certificates.filter(voided_at=None):
        append(Event.CERTIFICATE_VOIDED, thread=plan.ref, actor=actor, body={"certificate": certificate.digest})
        Certificate.objects.filter(pk=certificate.pk).update(voided_at=Now())
    if plan.candidate is not None and plan.candidate.status == Checkpoint.Status.CANDIDATE:
        body = {"weights": plan.candidate.object_digest}
        move(
            plan.candidate, Checkpoint.Status.DISCARDED, actor=actor, event=Event.PLAN_MOVED, thread=plan.ref, body=body
        )


def list_leftovers(plan: Plan) -> None:
    """Write down what a discarded plan leaves behind."""
    from governance.releases.destruction import write_down
    from governance.releases.listing import lost_weights, traces_of_work

    write_down(plan, [*lost_weights(plan), *traces_of_work(plan)])
