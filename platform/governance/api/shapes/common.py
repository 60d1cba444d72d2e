"""Problems and pages, as the schema shows them."""

from typing import Any

from rest_framework import serializers


class FieldProblem(serializers.Serializer[Any]):
    field = serializers.CharField()
    detail = serializers.CharField()
    code = serializers.CharField()


class Problem(serializers.Serializer[Any]):
    """RFC 9457, with a stable `code` and what to do about it."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    remedy = serializers.CharField()
    errors = FieldProblem(many=True, required=False)  # type: ignore[assignment]
