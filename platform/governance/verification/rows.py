"""Which rows an attack looks at: indexes only, never who they are."""

from governance.errors import NotFound
from governance.jobs.models import Plan
from governance.jobs.people import records_of
from governance.jobs.running import rows_of
from governance.lineage.models import SnapshotRow

Manifests = dict[str, dict[str, list[int]]]


def attacked_rows(plan: Plan) -> Manifests:
    """The erased people, the planted rows among them, and rows that nobody ever trained on."""
    holdout = plan.model.holdout
    if holdout is None:
        raise NotFound(f"Model {plan.model.ref} has no never-seen rows to compare with.")
    places = SnapshotRow.objects.filter(snapshot=plan.source.run.snapshot, record__in=records_of(plan))
    forget = sorted(places.values_list("row", flat=True))
    planted = sorted(places.filter(record__planted=True).values_list("row", flat=True))
    never_seen = min(holdout.rows, plan.policy.body["verification"]["never_seen"])
    name = rows_of(plan)
    found = {"forget": {name: forget}, "holdout": {"holdout": list(range(never_seen))}}
    return found | ({"canaries": {name: planted}} if planted else {})


def forget_and_retain(plan: Plan) -> Manifests:
    """Row indexes of the object before the deletion: the erased people's, and everybody else's."""
    snapshot = plan.source.run.snapshot
    if snapshot is None:
        raise NotFound(f"Plan {plan.ref} has no snapshot behind the model before the deletion.")
    places = SnapshotRow.objects.filter(snapshot=snapshot, record__in=records_of(plan))
    forget = sorted(places.values_list("row", flat=True))
    retain = sorted(set(range(snapshot.rows)) - set(forget))
    name = rows_of(plan)
    return {"forget": {name: forget}, "retain": {name: retain}}
