"""Plans, policies and releases as the API shows them. People appear by their random reference only."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from governance.api.shapes.jobs import JobShape
from governance.api.shapes.lineage import ref_of
from governance.api.shapes.privacy import CostShape, cost_of
from governance.jobs.models import Certificate, Disposition, Plan
from governance.releases.models import Approval, Release
from governance.verification.models import Policy, Verdict


class DispositionShape(serializers.ModelSerializer[Disposition]):
    request = ref_of()
    checkpoint = ref_of()
    plan = ref_of(allow_null=True)

    class Meta:
        model = Disposition
        fields = ("ref", "request", "checkpoint", "plan", "status")
        read_only_fields = fields


class CertificateShape(serializers.ModelSerializer[Certificate]):
    class Meta:
        model = Certificate
        fields = ("ref", "rung", "digest", "body", "unlearned_at", "effective_at", "voided_at")
        read_only_fields = fields


class VerdictShape(serializers.ModelSerializer[Verdict]):
    class Meta:
        model = Verdict
        fields = ("ref", "outcome", "digest", "body", "created_at")
        read_only_fields = fields


class PolicyShape(serializers.ModelSerializer[Policy]):
    class Meta:
        model = Policy
        fields = ("ref", "name", "version", "body", "digest", "created_at")
        read_only_fields = fields


class ApprovalShape(serializers.ModelSerializer[Approval]):
    user = ref_of()

    class Meta:
        model = Approval
        fields = ("user", "at", "approval_digest")
        read_only_fields = fields


class ReleaseShape(serializers.ModelSerializer[Release]):
    checkpoint = ref_of()
    plan = ref_of(allow_null=True)
    proposer = ref_of()
    policy = ref_of()
    approvals = ApprovalShape(many=True, read_only=True)

    class Meta:
        model = Release
        fields: tuple[str, ...] = (
            "ref",
            "checkpoint",
            "plan",
            "policy",
            "status",
            "proposer",
            "approval_digest",
            "approvals",
            "created_at",
            "published_at",
        )
        read_only_fields = fields


class ReleaseDetail(ReleaseShape):
    """With what publishing it costs those still in the model: before anybody approves it, and ever after."""

    cost = serializers.SerializerMethodField()

    class Meta(ReleaseShape.Meta):
        fields = (*ReleaseShape.Meta.fields, "signature", "cost")
        read_only_fields = fields

    @extend_schema_field(CostShape(allow_null=True))
    def get_cost(self, release: Release) -> dict[str, Any] | None:
        return cost_of(release)


class PlanShape(serializers.ModelSerializer[Plan]):
    model = ref_of()
    source = ref_of()  # type: ignore[assignment]
    candidate = ref_of(allow_null=True)
    new_snapshot = ref_of(allow_null=True)
    policy = ref_of()
    proposer = ref_of(allow_null=True)

    class Meta:
        model = Plan
        fields: tuple[str, ...] = (
            "ref",
            "model",
            "source",
            "candidate",
            "new_snapshot",
            "policy",
            "status",
            "route",
            "digest",
            "proposer",
            "created_at",
            "closed_at",
        )
        read_only_fields = fields


class EntryShape(serializers.Serializer[Any]):
    at = serializers.CharField()
    event = serializers.CharField()
    seq = serializers.IntegerField()
    actor_role = serializers.CharField()
    body = serializers.DictField()


class PlanDetail(PlanShape):
    """The whole case of one plan: choice, jobs, dispositions, verdicts, certificates, release and trail."""

    jobs = JobShape(many=True, read_only=True)
    dispositions = DispositionShape(many=True, read_only=True)
    certificates = CertificateShape(many=True, read_only=True)
    verdicts = VerdictShape(many=True, read_only=True)
    release = serializers.SerializerMethodField()
    timeline = EntryShape(many=True, read_only=True)

    class Meta(PlanShape.Meta):
        fields = (
            *PlanShape.Meta.fields,
            "body",
            "jobs",
            "dispositions",
            "certificates",
            "verdicts",
            "release",
            "timeline",
        )
        read_only_fields = fields

    def get_release(self, plan: Plan) -> str | None:
        """The release of the latest candidate."""
        return plan.release.ref if plan.release else None
