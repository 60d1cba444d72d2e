"""Erasure requests as the API shows them: the course of the case, and nothing about the person."""

from rest_framework import serializers

from governance.api.shapes.work import DispositionShape
from governance.intake.models import ErasureRequest


class RequestShape(serializers.ModelSerializer[ErasureRequest]):
    law = serializers.CharField(source="pack.law", read_only=True)
    pack_version = serializers.IntegerField(source="pack.version", read_only=True)

    class Meta:
        model = ErasureRequest
        fields: tuple[str, ...] = (
            "ref",
            "status",
            "law",
            "pack_version",
            "received_at",
            "due_on",
            "refusal_ground",
            "closed_at",
        )
        read_only_fields = fields


class RequestDetail(RequestShape):
    """Dispositions exist only once the scope is confirmed, which needs identity proved."""

    dispositions = DispositionShape(many=True, read_only=True)

    class Meta(RequestShape.Meta):
        fields = (*RequestShape.Meta.fields, "dispositions")
        read_only_fields = fields
