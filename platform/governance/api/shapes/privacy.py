"""The privacy ledger as the API shows it. A number that is infinite is null: JSON has no infinity."""

import math
from typing import Any

from rest_framework import serializers

from evidence.pricing import numbers_of
from governance.jobs.less_often import Schedule, less_often
from governance.jobs.next_cost import NextCost, next_cost
from governance.jobs.persons_privacy import PersonsHistory
from governance.jobs.privacy import History, Moment
from governance.lineage.models import TrainedModel
from governance.releases.models import Release
from unlearning.accounting import AccountingError, GdpBound

NO_BOUND = "mu and epsilon null: no number bounds it, as of a model without a ledger that no certificate gives one"


class BoundShape(serializers.Serializer[Any]):
    mu = serializers.FloatField(allow_null=True)
    epsilon = serializers.FloatField(allow_null=True)


class ScheduleShape(serializers.Serializer[Any]):
    every = serializers.IntegerField(help_text="each so-manyth deletion is published")
    epsilon = serializers.FloatField(allow_null=True)


class CostShape(serializers.Serializer[Any]):
    """B of a person still in the model: now, once this is published too, and under the cap."""

    delta = serializers.FloatField()
    b_now = BoundShape()
    b_after = BoundShape()
    cap = BoundShape()
    cap_fixed = serializers.BooleanField(help_text="false: the first proposal fixes it, from its policy")
    epsilon_left = serializers.FloatField(allow_null=True)
    epsilon_over = serializers.FloatField(allow_null=True, help_text="above 0: publishing is refused, by this much")
    more_like_it = serializers.IntegerField(allow_null=True, help_text="further publications that cost as much")
    less_often = ScheduleShape(many=True, help_text="after a year of weekly deletions; empty before the first one")


class BatchShape(serializers.Serializer[Any]):
    rows = serializers.IntegerField()
    b = BoundShape()
    a = BoundShape()


class MomentShape(serializers.Serializer[Any]):
    at = serializers.DateTimeField(allow_null=True)
    kind = serializers.ChoiceField(choices=("trained", "released", "deleted", "steps", "retrained"))
    ref = serializers.CharField()
    b = BoundShape(help_text="of a person still in the model, over all that is public by then")
    batch = BatchShape(allow_null=True, help_text="of the people whom this deletion took out")


class ModelPrivacyShape(serializers.Serializer[Any]):
    model = serializers.CharField()
    has_ledger = serializers.BooleanField(help_text="false: no number bounds what its releases give away")
    delta = serializers.FloatField(allow_null=True)
    rows_per_person = serializers.IntegerField(allow_null=True)
    cap = BoundShape(allow_null=True)
    moments = MomentShape(many=True)


class ShareShape(serializers.Serializer[Any]):
    model = serializers.CharField()
    rows = serializers.IntegerField()
    has_ledger = serializers.BooleanField(help_text="false: no number bounds B, and A is what the certificate says")
    still_in_it = serializers.BooleanField(help_text="true until nothing that learned from the person is left of it")
    b = BoundShape(help_text=NO_BOUND)
    a = BoundShape(allow_null=True, help_text=f"null while the person is still in it; once they left, {NO_BOUND}")


class PersonsPointShape(serializers.Serializer[Any]):
    at = serializers.DateTimeField(allow_null=True)
    kind = serializers.ChoiceField(choices=("trained", "released", "deleted", "steps", "retrained", "ended"))
    model = serializers.CharField()
    b = BoundShape(help_text=NO_BOUND)
    a = BoundShape(allow_null=True, help_text=f"null while the person was still in one of the models; then {NO_BOUND}")


class PersonsPrivacyShape(serializers.Serializer[Any]):
    """Jointly over every model that held the person's rows: squares of mu add."""

    request = serializers.CharField()
    delta = serializers.FloatField()
    b = BoundShape(help_text=NO_BOUND)
    a = BoundShape(allow_null=True, help_text=f"null while the person is still in one of the models; then {NO_BOUND}")
    models = ShareShape(many=True)
    moments = PersonsPointShape(many=True)


def cost_json(cost: NextCost, schedules: tuple[Schedule, ...]) -> dict[str, Any]:
    delta, cap = cost.cap.delta, cost.cap
    finite = numbers_of(cost.after, delta=delta)["epsilon"] is not None
    return {
        "delta": delta,
        "b_now": numbers_of(cost.spent, delta=delta),
        "b_after": numbers_of(cost.after, delta=delta),
        "cap": {"mu": cap.mu, "epsilon": cap.epsilon},
        "cap_fixed": cap.fixed,
        "epsilon_left": cost.left,
        "epsilon_over": cost.over if finite else None,
        "more_like_it": cost.more_like_it,
        "less_often": [
            {"every": one.every, "epsilon": one.epsilon if math.isfinite(one.epsilon) else None} for one in schedules
        ],
    }


def cost_of(release: Release) -> dict[str, Any] | None:
    """Null where the checkpoint has no ledger that can be priced: then no number bounds what publishing costs."""
    try:
        cost = next_cost(release.checkpoint, release.policy, release=release.ref)
        return cost_json(cost, less_often(release.checkpoint, delta=cost.cap.delta)) if cost else None
    except AccountingError:
        return None


def model_json(model: TrainedModel, history: History | None) -> dict[str, Any]:
    cap = getattr(model, "cap", None)
    return {
        "model": model.ref,
        "has_ledger": history is not None,
        "delta": history.delta if history else None,
        "rows_per_person": history.group if history else None,
        "cap": numbers_of(GdpBound(cap.mu), delta=cap.delta) if cap else None,
        "moments": [moment_json(moment, history.delta) for moment in history.moments] if history else [],
    }


def moment_json(moment: Moment, delta: float) -> dict[str, Any]:
    batch = None
    if moment.a is not None and moment.b is not None:
        a, b = (numbers_of(each, delta=delta) for each in (moment.a, moment.b))
        batch = {"rows": moment.rows, "a": a, "b": b}
    b_present = numbers_of(moment.present, delta=delta)
    return {"at": moment.at, "kind": moment.kind, "ref": moment.ref, "b": b_present, "batch": batch}


def person_json(request: str, history: PersonsHistory) -> dict[str, Any]:
    def bound(found: GdpBound | None) -> dict[str, float | None] | None:
        return numbers_of(found, delta=history.delta) if found is not None else None

    return {
        "request": request,
        "delta": history.delta,
        "b": bound(history.b),
        "a": bound(history.a),
        "models": [
            {
                "model": share.model.ref,
                "rows": share.rows,
                "has_ledger": share.has_ledger,
                "still_in_it": share.a is None,
                "b": bound(share.b),
                "a": bound(share.a),
            }
            for share in history.shares
        ],
        "moments": [
            {"at": point.at, "kind": point.kind, "model": point.model.ref, "b": bound(point.b), "a": bound(point.a)}
            for point in history.points
        ],
    }
