"""The never-seen rows that a plan's verdict will be reached beside: named when the plan is confirmed.

By the digest of their object, which is salted as every object of rows is, so that nobody finds a row by trying.
"""

from typing import Any

from evidence.canonical import parse_canonical
from governance.audit.models import Entry, Event
from governance.jobs.models import Plan


def named_beforehand(plan: Plan) -> dict[str, Any]:
    """What the entry of the plan's confirmation says of them; nothing where its model has none."""
    holdout = plan.model.holdout
    return {} if holdout is None else {"holdout": holdout.object_digest, "holdout_rows": holdout.rows}


def as_named(plan: Plan) -> dict[str, Any]:
    """The same as a certificate repeats it, from the trail: plans confirmed before there was such a name have none."""
    entry = Entry.objects.filter(thread=plan.ref, event=Event.PLAN_CONFIRMED).order_by("seq").last()
    said = parse_canonical(bytes(entry.leaf))["body"] if entry else {}
    return {"holdout": {"object": said["holdout"], "rows": said["holdout_rows"]}} if "holdout" in said else {}
