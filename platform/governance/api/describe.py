"""One line above a view method says what it takes and gives, for the OpenAPI schema."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers

from governance.api.paging import PARAMETERS
from governance.api.problems import MEDIA_TYPE
from governance.api.shapes.common import Problem

PROBLEM = {("default", MEDIA_TYPE): Problem}
Decorator = Callable[[Any], Any]


def gives(
    shape: Any, *, status: int = 200, takes: Any = None, parameters: list[OpenApiParameter] | None = None
) -> Decorator:
    return extend_schema(request=takes, responses={status: shape, **PROBLEM}, parameters=parameters)


def gives_page(shape: type[serializers.BaseSerializer[Any]]) -> Decorator:
    """A page: {"items": [...], "next": a cursor or null}."""
    fields: dict[str, Any] = {"items": shape(many=True), "next": serializers.CharField(allow_null=True)}
    return extend_schema(
        responses={200: inline_serializer(f"{shape.__name__}Page", fields), **PROBLEM}, parameters=PARAMETERS
    )


def gives_file(media_type: str) -> Decorator:
    return extend_schema(responses={(200, media_type): OpenApiTypes.BINARY, **PROBLEM})


def takes_file(media_type: str, *, gives: Any) -> Decorator:
    return extend_schema(request={media_type: OpenApiTypes.BINARY}, responses={201: gives, **PROBLEM})
