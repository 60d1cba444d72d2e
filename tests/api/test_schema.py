"""The OpenAPI description: complete, and made without a warning."""

import io
import json

import pytest
from django.core.management import call_command
from django.test import Client
from drf_spectacular.drainage import GENERATOR_STATS

from governance.api.access import TABLE

NOT_IN_SCHEMA = {"front-door", "healthz", "readyz", "schema"}


@pytest.fixture
def description():
    GENERATOR_STATS.reset()
    out = io.StringIO()
    call_command("spectacular", "--format", "openapi-json", "--fail-on-warn", "--validate", stdout=out)
    return json.loads(out.getvalue())


def test_the_schema_is_made_without_a_warning_and_names_every_route_once(description):
    operations = [entry for path in description["paths"].values() for entry in path.values()]
    names = [entry["operationId"] for entry in operations]
    wanted = sum(len(lines) for route, lines in TABLE.items() if route not in NOT_IN_SCHEMA)
    assert len(names) == len(set(names)) == wanted


def test_every_operation_answers_with_problems(description):
    for path in description["paths"].values():
        for entry in path.values():
            assert list(entry["responses"]["default"]["content"]) == ["application/problem+json"]


@pytest.mark.django_db
def test_the_schema_is_served():
    answer = Client().get("/api/v1/schema")
    assert answer.status_code == 200
    assert "/api/v1/jobs" in answer.json()["paths"]
