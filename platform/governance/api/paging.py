"""Lists by cursor: `after` is the reference of the last item seen, so that no number of ours leaks."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request

MOST, USUAL = 200, 50
PARAMETERS = [
    OpenApiParameter("after", str, description="the `next` of the page before"),
    OpenApiParameter("limit", int, description=f"1 to {MOST}; {USUAL} when not given"),
]


class Ask(serializers.Serializer[Any]):
    after = serializers.RegexField(r"^[a-z]+_[0-9a-f]{32}$", required=False, default="")
    limit = serializers.IntegerField(required=False, default=USUAL, min_value=1, max_value=MOST)


@dataclass(frozen=True)
class Page:
    rows: list[Any]
    next: str | None


def page(rows: QuerySet[Any], request: Request) -> Page:
    """Newest first, by primary key: one index scan however long the list is.

    Raises:
        ValidationError: a cursor or a limit that does not fit.
    """
    ask = Ask(data={name: request.query_params[name] for name in ("after", "limit") if name in request.query_params})
    ask.is_valid(raise_exception=True)
    after, limit = ask.validated_data["after"], ask.validated_data["limit"]
    if after:
        rows = rows.filter(pk__lt=place_of(rows, after))
    found = list(rows.order_by("-pk")[: limit + 1])
    return Page(rows=found[:limit], next=found[limit - 1].ref if len(found) > limit else None)


def place_of(rows: QuerySet[Any], ref: str) -> int:
    """Looked up among what the caller may see: a cursor must not tell whether somebody else's reference exists."""
    place = rows.filter(ref=ref).values_list("pk", flat=True).first()
    if place is None:
        raise serializers.ValidationError({"after": ["is no cursor of this list."]}, code="bad_cursor")
    return int(place)
