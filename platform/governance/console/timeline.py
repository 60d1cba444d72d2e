"""What happened, in plain words, from the trail: entries with their numbers, and the people behind the moves."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from evidence.canonical import parse_canonical
from governance.audit.models import Entry, Event, StatusChange
from governance.console.wording import ROUTES, name_of, short
from governance.releases.models import Approval
from governance.verification.method_words import method_words

# What each event says. Moves are worded by MOVES (prefix of the reference, new state); the rest by the event's name.
WORDS: dict[str, str] = {
    Event.DATASET_REGISTERED: "A dataset was registered",
    Event.MODEL_REGISTERED: "A model was registered",
    Event.BASE_REGISTERED: "A public base was registered",
    Event.BASE_RETRACTED: "The base was retracted: people of this house are in it",
    Event.BASE_DESTROYED: "The retracted base was destroyed; nothing stands on it any more",
    Event.MODEL_WITHDRAWN: "The model was withdrawn",
    Event.CHECKPOINT_REGISTERED: "A checkpoint was registered",
    Event.CHECKPOINT_DESTROYED: "A checkpoint was destroyed",
    Event.SNAPSHOT_REFUSED: "A snapshot was refused: it would bring erased records back",
    Event.KEY_DESTROYED: "A case key was destroyed; what it sealed is gone",
    Event.DEPLOYMENT_REGISTERED: "A deployment was registered",
    Event.REQUEST_RECEIVED: "The request came in",
    Event.REQUEST_FULFILLED: "The request is fulfilled; the receipt can be had",
    Event.REQUEST_REFUSED: "The request was refused",
    Event.POLICY_FIXED: "The policy was fixed before anything ran",
    Event.PLAN_PROPOSED: "A plan was proposed from public facts",
    Event.PLAN_CONFIRMED: "The plan was confirmed; unlearning began",
    Event.SNAPSHOT_TAKEN: "A snapshot was taken",
    Event.JOB_SUBMITTED: "A job was handed to the workers",
    Event.JOB_RECORDED: "A job's result was recorded",
    Event.ATTEMPT_STARTED: "A worker started an attempt",
    Event.ATTEMPT_ENDED: "An attempt ended",
    Event.VERDICT_REACHED: "The adversary's verdict was reached",
    Event.CERTIFICATE_ISSUED: "The certificate was issued; it counts once destruction is complete",
    Event.CERTIFICATE_EFFECTIVE: "The certificate took effect",
    Event.CERTIFICATE_VOIDED: "The certificate was voided",
    Event.RELEASE_PROPOSED: "The release was proposed",
    Event.RELEASE_APPROVED: "A person approved the release",
    Event.RELEASE_PUBLISHED: "The release was signed and published",
    Event.DEPLOYMENT_REPORTED: "A deployment reported the weights it serves",
    Event.DESTRUCTION_COMPLETED: "Old weights and rows were destroyed",
    Event.PERSON_CREATED: "A person was given an account",
    Event.PERSON_CHANGED: "A person's roles or password were changed",
    Event.CLIENT_CREATED: "A machine client was made",
    Event.REPORT_READ: "The person's identifier was looked at",
    Event.MEASUREMENTS_READ: "An auditor looked at the sealed measurements",
    Event.SENTINELS_PLANTED: "Sentinels were drawn and committed to",
    Event.SENTINELS_NAMED: "An auditor was told which sentinels shall ask to be erased",
    Event.SENTINELS_TESTED: "A release was asked about sentinels",
    Event.SENTINELS_ALARM: "Alarm: a release knows sentinels that were erased",
    Event.SENTINELS_REVEALED: "The list of sentinels was opened to everybody",
    Event.QUALIFICATION_BEGUN: "What is tried, and under which rules, was fixed before its first job",
    Event.QUALIFICATION_REACHED: "The trial of the recipe ended",
    Event.THREAD_CLOSED: "The trail of this case was closed",
}
MOVES: dict[tuple[str, str], str] = {
    ("er", "identified"): "Identity was proved",
    ("er", "scoped"): "The scope was confirmed",
    ("er", "in_progress"): "Work on the models began",
    ("er", "fulfilled"): "The request is fulfilled; the receipt can be had",
    ("er", "refused"): "The request was refused",
    ("er", "withdrawn"): "The person withdrew the request",
    ("plan", "unlearning"): "The plan was confirmed; unlearning began",
    ("plan", "verifying"): "A candidate exists; the adversary attacks it",
    ("plan", "gate"): "Verification ended; the release waits for two people",
    ("plan", "published"): "The new release is published; deployments must switch",
    ("plan", "destroying"): "Destruction of old weights and rows began",
    ("plan", "closed"): "The plan is closed",
    ("plan", "stopped"): "The plan stopped and waits for a person",
    ("plan", "discarded"): "The plan was discarded",
    ("job", "queued"): "A job went back to the queue",
    ("job", "running"): "A worker took a job",
    ("job", "succeeded"): "A job's result was recorded",
    ("job", "refused"): "The engine refused a job",
    ("job", "cancelled"): "A job was cancelled",
    ("job", "dead"): "A job was given up after its last attempt",
    ("rel", "approved"): "Two people have approved the release",
    ("rel", "published"): "The release was signed and published",
    ("rel", "superseded"): "A newer release superseded it",
    ("rel", "withdrawn"): "The release was withdrawn",
    ("dsp", "planned"): "A disposition was put into a plan",
    ("dsp", "open"): "A disposition is open again",
    ("dsp", "unlearned"): "A checkpoint was unlearned and destroyed",
    ("dsp", "retrained"): "A checkpoint was replaced by retraining and destroyed",
    ("dsp", "withdrawn"): "A model was withdrawn",
    ("ckpt", "released"): "A checkpoint was released",
    ("ckpt", "superseded"): "A checkpoint was superseded",
    ("ckpt", "discarded"): "A checkpoint was discarded",
    ("ckpt", "destroyed"): "A checkpoint was destroyed",
}
CLIMBS = {
    "unlearn": "The next method of the ladder began, from the old weights",
    "retrain": "Retraining from the start began: the top of the ladder",
}
# Steps of the machinery that a timeline of a case need not tell one by one.
QUIET = {Event.ATTEMPT_ENDED, Event.POLICY_FIXED, Event.JOB_SUBMITTED}


@dataclass(frozen=True)
class Moment:
    at: datetime
    words: str
    who: str
    detail: str
    number: int | None
    event: str


def timeline(threads: list[str]) -> list[Moment]:
    """Everything in these threads, newest first."""
    entries = Entry.objects.filter(thread__in=threads).select_related("numbered").order_by("-at", "-id")
    changes, approvers = people_behind(entries), approvers_of(entries)
    return [moment(entry, changes, approvers) for entry in entries if is_told(entry)]


def is_told(entry: Entry) -> bool:
    return entry.event not in QUIET and not str(facts(entry).get("ref", "")).startswith("dsp_")


def people_behind(entries: Any) -> dict[tuple[str, str, str], StatusChange]:
    """The status changes that belong to entries, by what moved and how: the entry itself names only a role."""
    refs = {facts(entry).get("ref", "") for entry in entries}
    rows = StatusChange.objects.filter(ref__in=refs - {""}).select_related("actor").order_by("id")
    return {(row.ref, row.old, row.new): row for row in rows}


def facts(entry: Entry) -> dict[str, Any]:
    return dict(parse_canonical(bytes(entry.leaf))["body"])


def moment(entry: Entry, changes: dict[tuple[str, str, str], StatusChange], approvers: dict[int, str]) -> Moment:
    leaf = parse_canonical(bytes(entry.leaf))
    body = leaf["body"]
    change = changes.get((body.get("ref", ""), body.get("from", ""), body.get("to", "")))
    who = name_of(change.actor, change.actor_role) if change else name_of(None, leaf["actor_role"])
    numbered = getattr(entry, "numbered", None)
    number = numbered.index if numbered else None
    words = words_of(entry.event, body)
    return Moment(entry.at, words, approvers.get(entry.pk, who), detail(body, change), number, entry.event)


def words_of(event: str, body: dict[str, Any]) -> str:
    """A move is worded by where it led; anything else by its event."""
    if "overdue" in body:
        return "OVERDUE: deployments still serve the old weights"
    if "deadline" in body:
        return "The legal date is near: retrain from the start, or withdraw the model"
    if "climb" in body:
        with_method = f": {method_words(str(body['method']))}" if body.get("method") else ""
        return CLIMBS.get(str(body["climb"]), "The next step of the ladder began") + with_method
    prefix = str(body.get("ref", "")).partition("_")[0]
    return MOVES.get((prefix, body.get("to", ""))) or WORDS.get(event) or event.replace(":", ": ").replace("_", " ")


def approvers_of(entries: Iterable[Entry]) -> dict[int, str]:
    """The names behind approvals. The log holds only commitments; the rows know, and come in the same order."""
    names: dict[int, str] = {}
    given: dict[str, list[str]] = {}
    for entry in sorted((e for e in entries if e.event == Event.RELEASE_APPROVED), key=lambda e: (e.at, e.pk)):
        ref = str(facts(entry).get("release", ""))
        if ref not in given:
            rows = Approval.objects.filter(release__ref=ref).select_related("user").order_by("id")
            given[ref] = [name_of(row.user) for row in rows]
        if given[ref]:
            names[entry.pk] = given[ref].pop(0)
    return names


def detail(body: dict[str, Any], change: StatusChange | None) -> str:
    """The one fact that helps a reader most, if there is one."""
    if change and change.reason:
        return change.reason.replace("_", " ")
    for key, label in (("cause", "cause"), ("outcome", "outcome"), ("route", "route"), ("ground", "ground")):
        if body.get(key):
            return f"{label}: {ROUTES.get(str(body[key]), str(body[key])).replace('_', ' ').lower()}"
    if body.get("items"):
        return f"{body['items']} items"
    return short(str(body["job"])) if body.get("job") else ""
