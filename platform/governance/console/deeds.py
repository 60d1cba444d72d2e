"""Everything a person can do in the console: from which state, what is asked first, and the act that does it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from governance.actors import Actor
from governance.console import acts
from governance.console.access import may
from governance.console.acts import Form
from governance.console.choices import Options, grounds, methods, policies, sentinel_kinds
from governance.intake.models import ErasureRequest
from governance.jobs.models import Job, Plan
from governance.lineage.models import Base, TrainedModel
from governance.releases.models import Release
from governance.verification.models import SentinelSet

KINDS: dict[str, type[Any]] = {
    "request": ErasureRequest,
    "plan": Plan,
    "release": Release,
    "job": Job,
    "model": TrainedModel,
    "base": Base,
    "sentinel_set": SentinelSet,
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


IDENTITY = Field(name="method", label="How was identity proved?", choices=methods)
GROUND = Field(name="ground", label="Ground of the refusal", choices=grounds)
FINDING = Field(name="finding", label="What you found, in a sentence without names")
REASON = Field(name="reason", label="Reason, in a sentence without names")
SENTINELS = Field(name="kind", label="Which kind?", choices=sentinel_kinds)
HOW_MANY = Field(name="count", label="How many? An even number, from 8 to 200")
LIKENESS = Field(name="like", label="How do identifiers look here? Like patient-#####@clinic.example")
SURE = Field(name="sure", label=f"Write {acts.REVEAL} to confirm")
R, P, J, L = ErasureRequest.Status, Plan.Status, Job.Status, Release.Status

ALL = (
    Deed(
        name="prove_identity",
        kind="request",
        label="Identity is proved",
        said="identity is proved",
        explain="The request moves on to its scope.",
        act=acts.prove_identity,
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
        act=acts.confirm_scope,
        states=(R.IDENTIFIED,),
        tone="main",
    ),
    Deed(
        name="refuse",
        kind="request",
        label="Refuse",
        said="the request is refused",
        explain="The person is told the ground and where to complain.",
        act=acts.refuse,
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
        act=acts.withdraw_request,
        states=(R.RECEIVED, R.IDENTIFIED, R.SCOPED),
        tone="grave",
    ),
    Deed(
        name="remove_records",
        kind="request",
        label="Remove their records",
        said="the records are removed",
        explain="Only where no model learned from this person: their rows go, and the request is fulfilled.",
        act=acts.remove_records,
        states=(R.SCOPED,),
        tone="main",
    ),
    Deed(
        name="plant_sentinels",
        kind="model",
        label="Plant sentinels",
        said="the sentinels are drawn and committed to; they join the next upload of the data",
        explain="People who do not exist, for you alone to know. Write # for each digit to be drawn in an identifier.",
        act=acts.plant_sentinels,
        fields=(SENTINELS, HOW_MANY, LIKENESS),
    ),
    Deed(
        name="reveal_sentinels",
        kind="sentinel_set",
        label="Reveal the list",
        said="the list is open to everybody",
        explain="For good: everybody reads who was planted and which half was to go. They test nothing any more.",
        act=acts.reveal_sentinels,
        fields=(SURE,),
        tone="grave",
    ),
    Deed(
        name="propose_plan",
        kind="model",
        label="Propose a plan",
        said="a plan is proposed",
        explain="Joins everything that is due for this model; the choice is computed from public facts.",
        act=acts.propose_plan,
        fields=(Field(name="policy", label="Policy", choices=policies),),
        tone="main",
    ),
    Deed(
        name="withdraw_model",
        kind="model",
        label="Withdraw the model",
        said="the model is withdrawn",
        explain="For good, and always allowed: its releases and plans end, and its weights go once nobody serves them.",
        act=acts.withdraw_model,
        fields=(REASON,),
        tone="grave",
    ),
    Deed(
        name="retract_base",
        kind="base",
        label="Retract the base",
        said="the base is retracted; withdraw the models that stand on it",
        explain="When people of this house are in it after all. Nothing starts from it or is released on it again, and "
        "it goes with the last model that stands on it. This cannot be undone.",
        act=acts.retract_base,
        states=(Base.Status.REGISTERED,),
        fields=(REASON,),
        tone="grave",
    ),
    Deed(
        name="confirm_plan",
        kind="plan",
        label="Confirm the plan",
        said="the plan is confirmed and work begins",
        explain="You become its proposer: you cannot approve the release that comes of it.",
        act=acts.confirm_plan,
        states=(P.PROPOSED,),
        tone="main",
    ),
    Deed(
        name="climb_ladder",
        kind="plan",
        label="Try the next method",
        said="the plan goes on with its next method",
        explain="Planned before anything ran. It starts from the old weights again, and is attacked at half the level.",
        act=acts.climb_ladder,
        states=(P.STOPPED,),
        tone="main",
    ),
    Deed(
        name="climb_plan",
        kind="plan",
        label="Start over by retraining",
        said="the plan starts over by retraining",
        explain="The top of the ladder is always open.",
        act=acts.climb_plan,
        states=(P.STOPPED,),
        tone="main",
    ),
    Deed(
        name="clear_alarm",
        kind="plan",
        label="The alarm was false",
        said="the same candidate goes before the approvers",
        explain="Only after a failed verdict, and never by whoever confirmed the plan. What you found is sealed.",
        act=acts.clear_alarm,
        states=(P.STOPPED,),
        fields=(FINDING,),
    ),
    Deed(
        name="discard_plan",
        kind="plan",
        label="Discard the plan",
        said="the plan is discarded",
        explain="What it was to erase is open again; nothing is lost.",
        act=acts.discard_plan,
        states=(P.PROPOSED, P.STOPPED),
        tone="grave",
    ),
    Deed(
        name="propose_release",
        kind="plan",
        label="Propose the release",
        said="the release is proposed",
        explain="Two other people must approve exactly these weights, this certificate, verdict and policy.",
        act=acts.propose_release,
        states=(P.GATE,),
        tone="main",
    ),
    Deed(
        name="approve_release",
        kind="release",
        label="Approve",
        said="your approval is recorded",
        explain="Your name stands for exactly the digest shown here.",
        act=acts.approve_release,
        states=(L.PROPOSED,),
        tone="main",
    ),
    Deed(
        name="withdraw_release",
        kind="release",
        label="Withdraw",
        said="the release is withdrawn",
        explain="Always allowed: no cap, gate or verdict stands in the way.",
        act=acts.withdraw_release,
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
        act=acts.cancel_job,
        states=(J.QUEUED, J.RUNNING),
        tone="grave",
    ),
    Deed(
        name="retry_job",
        kind="job",
        label="Send it round again",
        said="the job is in the queue again",
        explain="With fresh attempts, under the same specification.",
        act=acts.retry_job,
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
