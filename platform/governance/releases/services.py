"""Proposing, approving, withdrawing. The second approval rings for the signer; only a signed release is published."""

from django.db import transaction

from evidence.canonical import digest_json
from governance.actors import Actor
from governance.audit.models import Event
from governance.audit.sealing import commit
from governance.audit.services import append
from governance.errors import Conflict, FourEyes
from governance.ids import new_ref
from governance.jobs.models import BudgetCap, Certificate, Outbox, Plan
from governance.lineage.bases import locked_base
from governance.lineage.models import Checkpoint
from governance.people.models import Role, User
from governance.queue import TaskName
from governance.releases.gate import require_open
from governance.releases.models import Approval, Release
from governance.transitions import move
from governance.verification.models import Policy, Verdict
from governance.verification.reading_room import has_looked
from unlearning.accounting.gdp import mu_for

APPROVALS_NEEDED = 2


@transaction.atomic
def propose(*, checkpoint: Checkpoint, policy: Policy, actor: Actor, plan: Plan | None = None) -> Release:
    """Put a candidate before the approvers. For a plan's candidate the proposer is who confirmed the plan.

    Raises:
        GateShut: the gate of its rung is not open. Conflict: it was proposed before.
    """
    if actor.user is None:
        raise FourEyes("A person must propose a release, so that approvers can be somebody else.")
    if Release.objects.filter(checkpoint=checkpoint).exists():
        raise Conflict(f"Checkpoint {checkpoint.ref} has been proposed already.", code="already_proposed")
    if plan is None and (own := Plan.objects.filter(candidate=checkpoint).first()) is not None:
        raise Conflict(
            f"Checkpoint {checkpoint.ref} is the candidate of plan {own.ref}, whose policy and gate decide.",
            code="candidate_of_a_plan",
            remedy="Let the plan reach its gate; it is proposed then by whoever confirmed the plan.",
        )
    if checkpoint.model.withdrawn_at is not None:
        raise Conflict(f"Model {checkpoint.model.ref} was withdrawn.", code="model_withdrawn")
    locked_base(checkpoint.model.public_inputs)  # else a retraction just now would not see this release
    require_open(checkpoint, policy)
    fix_cap(checkpoint, policy)
    ref = new_ref("rel")
    release = Release.objects.create(
        ref=ref,
        checkpoint=checkpoint,
        plan=plan,
        policy=policy,
        proposer=plan.proposer if plan and plan.proposer else actor.user,
        approval_digest=digest_json(approved_content(checkpoint, policy)),
    )
    thread = thread_of(release)
    if plan is None:
        append(Event.POLICY_FIXED, thread=thread, actor=actor, body={"policy": policy.digest})
    body = {"release": checkpoint.object_digest, "ref": ref, "approval_digest": release.approval_digest}
    if plan is None:
        body["proposer"] = commit(thread, release.proposer.ref)
    append(Event.RELEASE_PROPOSED, thread=thread, actor=actor, body=body)
    return release


def fix_cap(checkpoint: Checkpoint, policy: Policy) -> None:
    """The cap on B is fixed before a model's first release: where none was registered, by the first policy."""
    if checkpoint.ledger is None or BudgetCap.objects.filter(model=checkpoint.model).exists():
        return
    delta, epsilon = policy.body["claim"]["delta"], policy.body["bounds"]["b_epsilon"]
    BudgetCap.make(model=checkpoint.model, mu=mu_for(epsilon=epsilon, delta=delta), delta=delta)


def approved_content(checkpoint: Checkpoint, policy: Policy) -> dict[str, str | None]:
    """What the approvers put their names to: exactly these weights, claim, verdict and policy."""
    certificate = Certificate.objects.filter(checkpoint=checkpoint).first()
    verdict = Verdict.objects.filter(checkpoint=checkpoint).order_by("-id").first()
    return {
        "candidate": checkpoint.object_digest,
        "certificate": certificate.digest if certificate else None,
        "policy": policy.digest,
        "verdict": verdict.digest if verdict else None,
    }


def thread_of(release: Release) -> str:
    return release.plan.ref if release.plan else release.ref


@transaction.atomic
def approve(*, release: Release, actor: Actor) -> Release:
    """One person's approval. People, not roles, make four eyes: the proposer can never approve, nobody twice.

    Raises:
        FourEyes: the proposer, somebody who approved already, or not an approver. Conflict: nothing to approve.
    """
    release = Release.objects.select_for_update().get(pk=release.pk)
    user = require_other_person(release, actor)
    if release.status != Release.Status.PROPOSED:
        raise Conflict(f"Release {release.ref} is {release.get_status_display().lower()}.", code="not_proposed")
    if release.approval_digest != digest_json(approved_content(release.checkpoint, release.policy)):
        raise Conflict(
            "What was proposed has changed since.", code="proposal_stale", remedy="Withdraw and propose anew."
        )
    Approval.make(release=release, user=user, approval_digest=release.approval_digest)
    thread = thread_of(release)
    body = {
        "release": release.checkpoint.object_digest,
        "ref": release.ref,
        "approval_digest": release.approval_digest,
        "approver": commit(thread, user.ref),
    }
    append(Event.RELEASE_APPROVED, thread=thread, actor=actor, body=body)
    if release.approvals.count() >= APPROVALS_NEEDED:
        move(release, Release.Status.APPROVED, actor=actor, event=Event.RELEASE_MOVED, thread=thread)
        Outbox.objects.create(task=TaskName.SIGN_RELEASE, argument=release.ref)
    return release


def require_other_person(release: Release, actor: Actor) -> User:
    user = actor.user
    if user is None or not user.has_role(Role.APPROVER):
        raise FourEyes("Only a person with the role approver may approve a release.")
    if user.pk == release.proposer_id:
        raise FourEyes("Whoever proposed a release cannot approve it.", remedy="Ask two other approvers.")
    if Verdict.objects.filter(checkpoint=release.checkpoint, cleared_by=user).exists():
        raise FourEyes("Whoever called the alarm false has seen what approvers must not see, and cannot approve.")
    if release.plan is not None and has_looked(release.plan, user):
        raise FourEyes("Whoever was in the reading room has seen what approvers must not see, and cannot approve.")
    if release.approvals.filter(user=user).exists():
        raise FourEyes("You have approved this release already; a second, different person must.")
    return user


@transaction.atomic
def withdraw(*, release: Release, reason: str, actor: Actor) -> Release:
    """Take a release back. Always allowed: no cap, gate or verdict stands in the way."""
    release = Release.objects.select_for_update().get(pk=release.pk)
    over = release.plan is not None and release.plan.status == Plan.Status.CLOSED
    move(
        release,
        Release.Status.WITHDRAWN,
        actor=actor,
        event=Event.RELEASE_MOVED,
        thread=release.ref if over else thread_of(release),
        reason=reason[:200],
    )
    checkpoint = release.checkpoint
    if checkpoint.status == Checkpoint.Status.RELEASED:
        move(checkpoint, Checkpoint.Status.SUPERSEDED, actor=actor, event=Event.RELEASE_MOVED)
    if release.plan and release.plan.status == Plan.Status.GATE:
        move(release.plan, Plan.Status.STOPPED, actor=actor, event=Event.PLAN_MOVED)
    return release
