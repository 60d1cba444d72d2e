"""How a view answers: one thing, a page of things, or a thing that was just made."""

from typing import Any

from django.db.models import Model, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from governance.api.paging import page
from governance.errors import NotFound


def one(rows: QuerySet[Any], **which: str) -> Any:
    """The row, or the same 404 whether it does not exist or is not the caller's to see."""
    row = rows.filter(**which).first()
    if row is None:
        raise NotFound(f"There is no {rows.model._meta.verbose_name} {next(iter(which.values()))} here.")
    return row


def listed(shape: type[BaseSerializer[Any]], rows: QuerySet[Any], request: Request) -> Response:
    found = page(rows, request)
    return Response({"items": shape(found.rows, many=True).data, "next": found.next})


def created(shape: type[BaseSerializer[Any]], row: Model, request: Request) -> Response:
    """201 with where it lies from now on: the route of the list and its reference."""
    where = f"{request.path}/{row.ref}"  # type: ignore[attr-defined]
    return Response(shape(row).data, status=201, headers={"Location": where})
