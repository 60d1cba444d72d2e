"""Qualifications as the API shows them: what was tried, and what came of it."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from governance.api.shapes.lineage import ref_of
from governance.verification.models import Qualification, QualificationRun


class OutcomeShape(serializers.ModelSerializer[Qualification]):
    class Meta:
        model = Qualification
        fields = ("ref", "outcome", "body", "digest", "created_at")
        read_only_fields = fields


class QualificationShape(serializers.ModelSerializer[QualificationRun]):
    """A trial of a recipe; `qualification` is null while its jobs run."""

    policy = ref_of()
    snapshot = ref_of()
    holdout = ref_of()
    qualification = serializers.SerializerMethodField()

    class Meta:
        model = QualificationRun
        fields = (
            *("ref", "engine", "recipe", "policy", "snapshot", "holdout", "body", "digest", "created_at"),
            "qualification",
        )
        read_only_fields = fields

    @extend_schema_field(OutcomeShape(allow_null=True))
    def get_qualification(self, run: QualificationRun) -> dict[str, Any] | None:
        found = Qualification.objects.filter(run=run).first()
        return OutcomeShape(found).data if found else None
