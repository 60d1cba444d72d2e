"""A refusal, told beside the questions that it is about: the words are the API's own, with their remedy."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rest_framework import serializers

from governance.api.problems import flatten
from governance.errors import ObelusError

REFUSALS = (ObelusError, serializers.ValidationError)
EMPTY = {"required": "Fill this in.", "blank": "Fill this in.", "null": "Fill this in."}


@dataclass(frozen=True)
class Refusal:
    """What is wrong: by question, and as a whole where it is about none of them."""

    fields: dict[str, str] = field(default_factory=dict)
    whole: str = ""
    status: int = 422


def refusal_of(error: Exception, places: Mapping[str, str]) -> Refusal:
    """places: which question an error's code is about, where it says so by nothing else."""
    if isinstance(error, serializers.ValidationError):
        return of_fields(error.get_full_details())
    if not isinstance(error, ObelusError):
        raise error
    said = f"{error.detail} {error.remedy}".strip()
    if error.code in places:
        return Refusal({places[error.code]: said}, status=error.status)
    return Refusal(whole=said, status=error.status)


def of_fields(details: Any) -> Refusal:
    found: dict[str, str] = {}
    for line in flatten("", details):
        name = line["field"].split(".")[0]
        found.setdefault(name, EMPTY.get(line["code"], line["detail"]))
    return Refusal(found)
