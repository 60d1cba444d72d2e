"""What happened, in plain words, from the trail: entries with their numbers, and the people behind the moves."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from evidence.canonical import parse_canonical
from governance.audit.models import Entry, Event, StatusChange
from governance.console.wording import name_of, short

# What each event says. Moves of a state are worded by MOVES; events absent from both are shown by their own name.
WORDS: dict[str, str] = {
    Event.REQUEST_RECEIVED: "The request came in",
    Event.REQUEST_FULFILLED: "The request is fulfilled; the receipt can be had",
    Event.REQUEST_REFUSED: "The request was refused",
    Event.POLICY_FIXED: "The policy was fixed before anything ran",
    Event.PLAN_PROPOSED: "A plan was proposed from public facts",
    Event.PLAN_CONFIRMED: "The plan was confirmed; unlearning began",
    Event.SNAPSHOT_TAKEN: "A snapshot without the records was taken",
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
    Event.REPORT_READ: "The person's identifier was looked at",
    Event.THREAD_CLOSED: "The trail of this case was closed",
}
MOVES: dict[tuple[str, str], str] = {
    ("ErasureRequest", "identified"): "Identity was proved",
    ("ErasureRequest", "scoped"): "The scope was confirmed",
    ("ErasureRequest", "in_progress"): "Work on the models began",
    ("ErasureRequest", "fulfilled"): "The request is fulfilled; the receipt can be had",
    ("ErasureRequest", "refused"): "The request was refused",
    ("ErasureRequest", "withdrawn"): "The person withdrew the request",
    ("Plan", "unlearning"): "The plan was confirmed; unlearning began",
    ("Plan", "verifying"): "A candidate exists; the adversary attacks it",
    ("Plan", "gate"): "Verification ended; the release waits for two people",
    ("Plan", "published"): "The new release is published; deployments must switch",
    ("Plan", "destroying"): "Destruction of old weights and rows began",
    ("Plan", "closed"): "The plan is closed",
    ("Plan", "stopped"): "The plan stopped and waits for a person",
    ("Plan", "discarded"): "The plan was discarded",
    ("Job", "queued"): "A job went back to the queue",
    ("Job", "running"): "A worker took a job",
    ("Job", "succeeded"): "A job's result was recorded",
    ("Job", "refused"): "The engine refused a job",
    ("Job", "cancelled"): "A job was cancelled",
    ("Job", "dead"): "A job was given up after its last attempt",
    ("Release", "approved"): "Two people have approved the release",
    ("Release", "published"): "The release was signed and published",
    ("Release", "superseded"): "A newer release superseded it",
    ("Release", "withdrawn"): "The release was withdrawn",
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
    changes = people_behind(entries)
    return [moment(entry, changes) for entry in entries if entry.event not in QUIET]


def people_behind(entries: Any) -> dict[tuple[str, str, str], StatusChange]:
    """The status changes that belong to entries, by what moved and how: the entry itself names only a role."""
    refs = {facts(entry).get("ref", "") for entry in entries}
    rows = StatusChange.objects.filter(ref__in=refs - {""}).select_related("actor").order_by("id")
    return {(row.ref, row.old, row.new): row for row in rows}


def facts(entry: Entry) -> dict[str, Any]:
    return dict(parse_canonical(bytes(entry.leaf))["body"])


def moment(entry: Entry, changes: dict[tuple[str, str, str], StatusChange]) -> Moment:
    leaf = parse_canonical(bytes(entry.leaf))
    body = leaf["body"]
    change = changes.get((body.get("ref", ""), body.get("from", ""), body.get("to", "")))
    moved = MOVES.get((change.kind, change.new)) if change else None
    words = moved or WORDS.get(entry.event) or entry.event.replace(":", ": ").replace("_", " ")
    who = name_of(change.actor, change.actor_role) if change else name_of(None, leaf["actor_role"])
    numbered = getattr(entry, "numbered", None)
    number = numbered.index if numbered else None
    return Moment(entry.at, words, who, detail(body, change), number, entry.event)


def detail(body: dict[str, Any], change: StatusChange | None) -> str:
    """The one fact that helps a reader most, if there is one."""
    if change and change.reason:
        return change.reason.replace("_", " ")
    for key, label in (("cause", "cause"), ("outcome", "outcome"), ("route", "route"), ("ground", "ground")):
        if body.get(key):
            return f"{label}: {str(body[key]).replace('_', ' ')}"
    if body.get("items"):
        return f"{body['items']} items"
    return short(str(body["job"])) if body.get("job") else ""
