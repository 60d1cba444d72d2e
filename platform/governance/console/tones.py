"""Which tone a state is shown in."""

TONES: dict[str, str] = {
    "received": "wait",
    "identified": "wait",
    "scoped": "work",
    "in_progress": "work",
    "fulfilled": "done",
    "refused": "ended",
    "withdrawn": "ended",
    "proposed": "wait",
    "unlearning": "work",
    "verifying": "work",
    "gate": "wait",
    "published": "done",
    "destroying": "work",
    "closed": "done",
    "stopped": "late",
    "discarded": "ended",
    "approved": "work",
    "superseded": "ended",
    "queued": "wait",
    "running": "work",
    "succeeded": "done",
    "cancelled": "ended",
    "dead": "late",
    "open": "wait",
    "planned": "work",
    "unlearned": "done",
    "retrained": "done",
    "candidate": "wait",
    "released": "done",
    "registered": "done",
    "retracted": "late",
    "destroyed": "ended",
    "passed": "done",
    "failed": "late",
    "inconclusive": "soon",
}


def tone_of(status: str) -> str:
    return TONES.get(status, "ended")
