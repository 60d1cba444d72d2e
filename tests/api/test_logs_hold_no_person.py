"""Poisoned personal data is sent through every door; the log lines must not hold it."""

import io
import json
import logging

import pytest
from django.test import Client

from governance.logs import JsonLines

pytestmark = pytest.mark.django_db
POISON = "jane.doe@example.org"
ACCESS_LOG = "governance.middleware.AccessLog"


@pytest.fixture
def lines(settings):
    """All that the house's formatter writes while the test runs, at the most talkative level."""
    settings.MIDDLEWARE = [ACCESS_LOG, *[name for name in settings.MIDDLEWARE if name != ACCESS_LOG]]
    stream, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    handler.setLevel(logging.INFO)
    old = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.removeHandler(handler)
    root.setLevel(old)


def access(lines):
    return [line for line in lines() if line["logger"] == "access"]


def test_each_answer_is_one_line_with_the_route_and_no_path(lines, as_):
    answer = as_("operator").get("/api/v1/jobs?limit=3")
    (line,) = access(lines)
    assert {name: line[name] for name in ("method", "route", "status")} == {
        "method": "GET",
        "route": "jobs",
        "status": 200,
    }
    assert line["ms"] >= 0 and answer["X-Request-Id"] == line["request_id"]


@pytest.mark.parametrize("method", ["get", "post", "put"])
@pytest.mark.parametrize(
    "path", [f"/api/v1/{POISON}", f"/api/v1/jobs/{POISON}", f"/api/v1/jobs?name={POISON}", f"/{POISON}"]
)
def test_a_person_in_a_path_or_query_is_not_logged(lines, as_, path, method):
    getattr(as_("operator"), method)(path, {"name": POISON}, content_type="application/json")
    assert access(lines)
    assert POISON not in json.dumps(lines())


def test_a_person_in_a_body_a_header_or_a_form_is_not_logged(lines, as_):
    poisoned = {"User-Agent": POISON, "Authorization": f"Bearer {POISON}", "X-Request-Id": POISON}
    Client().post("/api/oauth/token", {"client_id": POISON, "client_secret": POISON, "grant_type": POISON})
    Client(headers=poisoned).get("/api/v1/jobs")
    as_("operator").post("/api/v1/jobs", {"engine": POISON, POISON: POISON}, content_type="application/json")
    as_("operator").post("/api/v1/jobs", "{" + POISON, content_type="application/json")
    Client(headers={"Host": POISON}, raise_request_exception=False).get("/api/v1/jobs")
    assert len(access(lines)) == 5
    assert POISON not in json.dumps(lines())


def test_an_unexpected_error_that_quotes_a_person_tells_neither_the_log_nor_the_caller(lines, as_, monkeypatch):
    def fall_over(**given):
        raise RuntimeError(f"cannot handle {POISON}")

    monkeypatch.setattr("governance.api.views.jobs.submit", fall_over)
    answer = as_("operator").post("/api/v1/jobs", {"engine": "noop"}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert answer["Content-Type"] == "application/problem+json"
    told = [line for line in lines() if line.get("error") == "RuntimeError"]
    assert told and told[0]["where"].startswith("test_logs_hold_no_person.py:")
    assert POISON not in json.dumps(lines()) + answer.content.decode()


def test_what_is_filled_into_a_message_passes_only_when_it_is_harmless():
    ref = "er_" + "0" * 32

    def said(message, *args, **extra):
        record = logging.makeLogRecord({"name": "x", "levelname": "INFO", "msg": message, "args": args, **extra})
        return json.loads(JsonLines().format(record))

    assert said("%s has %d", ref, 3)["message"] == f"{ref} has 3"
    assert POISON not in said("asked by %s", POISON)["message"]
    assert POISON not in said("asked by %d", POISON)["message"]
    assert POISON not in said(RuntimeError(POISON))["message"]
    assert said("x", request=POISON, job=ref, task="sign head")["request"] == "…"
    assert "mail" not in said("x", mail=POISON)
