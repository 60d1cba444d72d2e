"""Everything a person can do in the console: who, from which state, what is asked, and the service that does it.

Services are imported inside each deed, so that opening a page never loads what only an action needs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from governance.actors import Actor
from governance.console.access import may
from governance.console.choices import Options, grounds, methods, policies
from governance.errors import Invalid
from governance.intake.models import ErasureRequest
from governance.jobs.models import Job, Plan
from governance.lineage.models import TrainedModel
from governance.releases.models import Release
from governance.verification.models import Policy

Form = dict[str, str]
KINDS: dict[str, type[Any]] = {
    "request": ErasureRequest,
    "plan": Plan,
    "release": Release,
    "job": Job,
    "model": TrainedModel,
}


@dataclass(frozen=True, kw_only=True)
class Field:
    """One question asked before a deed. Without choices it is a line of text."""

    name: str
    label: str
    choices: Callable[[str], Options] | None = None


@dataclass(frozen=True)
class Question:
    """A field as it is asked now, with what can be chosen in this state."""

    name: str
    label: str
    options: Options | None


@dataclass(frozen=True, kw_only=True)
class Deed:
    """`states` are those from which the button is shown; the service has the last word on whether it may be done."""

    name: str
    kind: str
    label: str
    said: str
    explain: str
    act: Callable[[Any, Actor, Form], object]
    states: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    tone: str = "plain"


def prove_identity(row: ErasureRequest, actor: Actor, form: Form) -> object:
    from governance.intake.services import prove_identity as service

    return service(request=row, method=answer(form, "method"), actor=actor)


def confirm_scope(row: ErasureRequest, actor: Actor, _form: Form) -> object:
    from governance.intake.services import confirm_scope as service

    return service(request=row, actor=actor)


def refuse(row: ErasureRequest, actor: Actor, form: Form) -> object:
    from governance.intake.services import refuse as service

    return service(request=row, ground=answer(form, "ground"), reason=answer(form, "reason"), actor=actor)


def withdraw_request(row: ErasureRequest, actor: Actor, _form: Form) -> object:
    from governance.intake.services import withdraw as service

    return service(request=row, actor=actor)


def remove_records(row: ErasureRequest, actor: Actor, _form: Form) -> object:
    from governance.intake.services import remove_records as service

    return service(request=row, actor=actor)


def propose_plan(row: TrainedModel, actor: Actor, form: Form) -> object:
    from governance.jobs.plans import propose as service

    return service(model=row, policy=chosen_policy(form), actor=actor)


def confirm_plan(row: Plan, actor: Actor, _form: Form) -> object:
    from governance.jobs.plans import confirm as service

    return service(plan=row, actor=actor)


def climb_plan(row: Plan, actor: Actor, _form: Form) -> object:
    from governance.jobs.plans import climb as service

    return service(plan=row, actor=actor)


def discard_plan(row: Plan, actor: Actor, _form: Form) -> object:
    from governance.jobs.plans import discard as service

    return service(plan=row, actor=actor)


def propose_release(row: Plan, actor: Actor, _form: Form) -> object:
    from governance.releases.services import propose as service

    if row.candidate is None:
        raise Invalid(
            f"Plan {row.ref} has no candidate yet.", code="no_candidate", remedy="Wait until its job is done."
        )
    return service(checkpoint=row.candidate, policy=row.policy, plan=row, actor=actor)


def approve_release(row: Release, actor: Actor, _form: Form) -> object:
    from governance.releases.services import approve as service

    return service(release=row, actor=actor)


def withdraw_release(row: Release, actor: Actor, form: Form) -> object:
    from governance.releases.services import withdraw as service

    return service(release=row, reason=answer(form, "reason"), actor=actor)


def cancel_job(row: Job, actor: Actor, _form: Form) -> object:
    from governance.jobs.services import cancel as service

    return service(row.ref, actor=actor)


def retry_job(row: Job, actor: Actor, _form: Form) -> object:
    from governance.jobs.services import retry_dead as service

    return service(row.ref, actor=actor)


def answer(form: Form, name: str) -> str:
    """What was filled in. An empty answer is a refusal with a remedy, before any service is asked."""
    value = form.get(name, "").strip()
    if not value:
        raise Invalid(f"The field {name!r} is empty.", code="field_empty", remedy="Fill it in and try again.")
    return value


def chosen_policy(form: Form) -> Policy:
    policy = Policy.objects.filter(ref=answer(form, "policy")).first()
    if policy is None:
        raise Invalid("No such policy is fixed.", code="unknown_policy", remedy="Choose one from the list.")
    return policy


IDENTITY = Field(name="method", label="How was identity proved?", choices=methods)
GROUND = Field(name="ground", label="Ground of the refusal", choices=grounds)
REASON = Field(name="reason", label="Reason, in a sentence without names")
R, P, J, L = ErasureRequest.Status, Plan.Status, Job.Status, Release.Status

ALL = (
    Deed(
        name="prove_identity",
        kind="request",
        label="Identity is proved",
        said="identity is proved",
        explain="The request moves on to its scope.",
        act=prove_identity,
        states=(R.RECEIVED,),
        fields=(IDENTITY,),
        tone="main",
    ),
    Deed(
        name="confirm_scope",
        kind="request",
        label="Confirm the scope",
        said="the scope is confirmed",
        explain="Obelus looks up which models learned from this person and opens a disposition for each.",
        act=confirm_scope,
        states=(R.IDENTIFIED,),
        tone="main",
    ),
    Deed(
        name="refuse",
        kind="request",
        label="Refuse",
        said="the request is refused",
        explain="The person is told the ground and where to complain.",
        act=refuse,
        states=(R.RECEIVED, R.IDENTIFIED),
        fields=(GROUND, REASON),
        tone="grave",
    ),
    Deed(
        name="withdraw_request",
        kind="request",
        label="The person withdrew it",
        said="the request is withdrawn",
        explain="Only when the person asked for it.",
        act=withdraw_request,
        states=(R.RECEIVED, R.IDENTIFIED, R.SCOPED),
        tone="grave",
    ),
    Deed(
        name="remove_records",
        kind="request",
        label="Remove their records",
        said="the records are removed",
        explain="Only where no model learned from this person: their rows go, and the request is fulfilled.",
        act=remove_records,
        states=(R.SCOPED,),
        tone="main",
    ),
    Deed(
        name="propose_plan",
        kind="model",
        label="Propose a plan",
        said="a plan is proposed",
        explain="Joins everything that is due for this model; the choice is computed from public facts.",
        act=propose_plan,
        fields=(Field(name="policy", label="Policy", choices=policies),),
        tone="main",
    ),
    Deed(
        name="confirm_plan",
        kind="plan",
        label="Confirm the plan",
        said="the plan is confirmed and work begins",
        explain="You become its proposer: you cannot approve the release that comes of it.",
        act=confirm_plan,
        states=(P.PROPOSED,),
        tone="main",
    ),
    Deed(
        name="climb_plan",
        kind="plan",
        label="Start over by retraining",
        said="the plan starts over by retraining",
        explain="The top of the ladder is always open.",
        act=climb_plan,
        states=(P.STOPPED,),
        tone="main",
    ),
    Deed(
        name="discard_plan",
        kind="plan",
        label="Discard the plan",
        said="the plan is discarded",
        explain="What it was to erase is open again; nothing is lost.",
        act=discard_plan,
        states=(P.PROPOSED, P.STOPPED),
        tone="grave",
    ),
    Deed(
        name="propose_release",
        kind="plan",
        label="Propose the release",
        said="the release is proposed",
        explain="Two other people must approve exactly these weights, this certificate, verdict and policy.",
        act=propose_release,
        states=(P.GATE,),
        tone="main",
    ),
    Deed(
        name="approve_release",
        kind="release",
        label="Approve",
        said="your approval is recorded",
        explain="Your name stands for exactly the digest shown here.",
        act=approve_release,
        states=(L.PROPOSED,),
        tone="main",
    ),
    Deed(
        name="withdraw_release",
        kind="release",
        label="Withdraw",
        said="the release is withdrawn",
        explain="Always allowed: no cap, gate or verdict stands in the way.",
        act=withdraw_release,
        states=(L.PROPOSED, L.APPROVED, L.PUBLISHED),
        fields=(REASON,),
        tone="grave",
    ),
    Deed(
        name="cancel_job",
        kind="job",
        label="Cancel the job",
        said="the job is asked to stop",
        explain="A plan that waits for it stops and says so.",
        act=cancel_job,
        states=(J.QUEUED, J.RUNNING),
        tone="grave",
    ),
    Deed(
        name="retry_job",
        kind="job",
        label="Send it round again",
        said="the job is in the queue again",
        explain="With fresh attempts, under the same specification.",
        act=retry_job,
        states=(J.DEAD,),
        tone="main",
    ),
)
BY_NAME: dict[str, Deed] = {deed.name: deed for deed in ALL}


def questions(deed: Deed, status: str = "") -> list[Question]:
    return [Question(f.name, f.label, f.choices(status) if f.choices else None) for f in deed.fields]


def open_to(user: object, kind: str, status: str) -> list[tuple[Deed, list[Question]]]:
    """The buttons this person sees on a thing in this state, each with what it asks first."""
    found = [deed for deed in ALL if deed.kind == kind and status in deed.states and may(user, deed.name)]
    return [(deed, questions(deed, status)) for deed in found]
