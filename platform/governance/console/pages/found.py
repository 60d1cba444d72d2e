"""Finding the thing a page is about."""

from typing import TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404

Row = TypeVar("Row", bound=Model)


def by_ref(rows: QuerySet[Row], ref: str) -> Row:
    row = rows.filter(ref=ref).first()
    if row is None:
        raise Http404
    return row
