"""Verification and sentinels as the API shows them: the open tier, and nobody's name."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from governance.api.shapes.lineage import ref_of
from governance.api.shapes.work import VerdictShape
from governance.jobs.models import Plan
from governance.verification import showing
from governance.verification.models import SentinelRetest, SentinelSet
from governance.verification.reading_room import newest_verdict, open_lines


class CountShape(serializers.Serializer[Any]):
    """A count with its exact 95 % interval (Clopper and Pearson)."""

    successes = serializers.IntegerField()
    trials = serializers.IntegerField()
    low = serializers.FloatField()
    high = serializers.FloatField()


class StepShape(serializers.Serializer[Any]):
    budget = serializers.FloatField()
    candidate = CountShape(allow_null=True, help_text="null: measured on erased records, and sealed")
    never_seen = CountShape(allow_null=True, help_text="the same attack on people in no model")


class BatteryShape(serializers.Serializer[Any]):
    name = serializers.CharField()
    words = serializers.CharField()
    planted = serializers.BooleanField(help_text="on planted records of nobody")
    steps = StepShape(many=True)


class CurveShape(serializers.Serializer[Any]):
    name = serializers.CharField()
    words = serializers.CharField()
    planted = serializers.BooleanField()
    area = serializers.FloatField(allow_null=True)
    points = serializers.ListField(
        child=serializers.ListField(child=serializers.FloatField()), help_text="[false positive rate, true one]"
    )


class RetestShape(serializers.ModelSerializer[SentinelRetest]):
    sentinels = ref_of()
    checkpoint = ref_of()

    class Meta:
        model = SentinelRetest
        fields = ("ref", "sentinels", "checkpoint", "outcome", "body", "digest", "created_at", "done_at")
        read_only_fields = fields


class PlanVerificationShape(serializers.Serializer[Any]):
    """The newest verdict, what may be read of the attack behind it, and the sentinels in the candidate."""

    plan = serializers.CharField()
    verdict = VerdictShape(allow_null=True)
    batteries = BatteryShape(many=True)
    curves = CurveShape(many=True)
    utility = CountShape(allow_null=True)
    sentinels = RetestShape(many=True)


def verification_json(plan: Plan) -> dict[str, Any]:
    lines = open_lines(plan)
    retests = SentinelRetest.objects.filter(checkpoint__plans_to=plan).select_related("sentinels", "checkpoint")
    return {
        "plan": plan.ref,
        "verdict": newest_verdict(plan),
        "batteries": showing.batteries(lines),
        "curves": showing.curves(lines),
        "utility": showing.utility(lines),
        "sentinels": retests.order_by("id").distinct(),
    }


class SentinelSetShape(serializers.ModelSerializer[SentinelSet]):
    """A planting: the commitment, and once it is revealed what opens it. `body` holds the rules of every test."""

    dataset = ref_of()

    class Meta:
        model = SentinelSet
        fields: tuple[str, ...] = (
            *("ref", "dataset", "kind", "count", "body", "digest", "created_at", "opened", "revealed_at"),
        )
        read_only_fields = fields


class SentinelSetDetail(SentinelSetShape):
    """With every test so far."""

    retests = serializers.SerializerMethodField()

    class Meta(SentinelSetShape.Meta):
        fields = (*SentinelSetShape.Meta.fields, "retests")
        read_only_fields = fields

    @extend_schema_field(RetestShape(many=True))
    def get_retests(self, row: SentinelSet) -> Any:
        return RetestShape(row.retests.select_related("sentinels", "checkpoint").order_by("id"), many=True).data


class ErrandShape(serializers.Serializer[Any]):
    """Who shall ask to be erased, through the door that people use."""

    set = serializers.CharField()
    identifiers = serializers.ListField(child=serializers.CharField())
