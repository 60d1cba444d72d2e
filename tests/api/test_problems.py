"""Whatever goes wrong under /api/, a problem in RFC 9457's form comes back, and says what to do."""

import pytest
from django.db import DataError, OperationalError
from django.test import Client

from governance.api import problems
from governance.errors import Destroyed, GateShut, StorageFull

pytestmark = pytest.mark.django_db
MEMBERS = {"type", "title", "status", "detail", "code", "remedy"}


def check(answer, status, code):
    body = answer.json()
    assert (answer.status_code, body["status"], body["code"]) == (status, status, code)
    assert answer["Content-Type"] == "application/problem+json"
    assert set(body) >= MEMBERS and all(body[name] for name in MEMBERS)
    assert body["type"] == f"urn:obelus:problem:{code}"


def test_a_route_that_does_not_exist(as_):
    for path in ("/api/", "/api/v1", "/api/v1/nothing", "/api/v1/jobs/7", "/api/v1/jobs/", "/api/v2/jobs"):
        check(Client().get(path), 404, "not_found")
        check(as_("operator").get(path), 404, "not_found")


def test_a_reference_that_does_not_exist(as_):
    check(as_("operator").get("/api/v1/jobs/job_" + "0" * 32), 404, "not_found")


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_a_method_that_a_route_does_not_have(as_, method):
    answer = getattr(as_("operator"), method)("/api/v1/jobs")
    check(answer, 405, "method_not_allowed")
    assert set(answer["Allow"].split(", ")) >= {"GET", "POST"}


def test_a_body_that_is_not_json(as_):
    check(as_("operator").post("/api/v1/jobs", "{nonsense", content_type="application/json"), 400, "parse_error")


def test_a_number_that_json_does_not_know(as_):
    body = '{"engine": "noop", "params": {"pause_s": NaN}}'
    check(as_("operator").post("/api/v1/jobs", body, content_type="application/json"), 400, "parse_error")


def test_what_the_database_cannot_keep_is_the_senders_and_not_quoted():
    body = problems.body_of(DataError("unsupported Unicode escape sequence in {'answer': 'the harbour'}"))
    assert (body["status"], body["code"]) == (422, "not_storable") and body["remedy"]
    assert "harbour" not in str(body)


def test_a_body_that_is_no_object(as_):
    check(as_("operator").post("/api/v1/jobs", "[1]", content_type="application/json"), 422, "invalid")


def test_a_body_that_is_longer_than_any_honest_one_is_not_read(as_, monkeypatch):
    monkeypatch.setattr("rest_framework.parsers.JSONParser.parse", None)
    body = '{"engine": "' + "x" * 2**21 + '"}'
    check(as_("operator").post("/api/v1/jobs", body, content_type="application/json"), 413, "too_large")
    check(as_("stranger").post("/api/v1/jobs", body, content_type="application/json"), 403, "forbidden")


def test_a_body_of_unknown_length_is_refused_and_not_taken_for_an_empty_one(as_):
    answer = as_("operator").post(
        "/api/v1/jobs", "", content_type="application/json", headers={"Transfer-Encoding": "chunked"}
    )
    check(answer, 411, "length_needed")


def test_a_kind_of_content_that_is_not_taken(as_):
    answer = as_("operator").post("/api/v1/jobs", "engine=noop", content_type="application/x-www-form-urlencoded")
    check(answer, 415, "unsupported_media_type")


def test_a_caller_whom_nobody_knows_is_told_how_to_be_known():
    answer = Client().get("/api/v1/jobs")
    check(answer, 401, "not_authenticated")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_caller_without_the_role(as_):
    check(as_("stranger").get("/api/v1/jobs"), 403, "forbidden")


def test_a_host_that_is_not_ours():
    check(Client(headers={"Host": "elsewhere.example"}).get("/api/v1/jobs"), 400, "bad_request")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (GateShut("The verdict failed."), 409, "gate_shut"),
        (Destroyed("It was destroyed."), 410, "destroyed"),
        (StorageFull("No room."), 507, "storage_full"),
        (GateShut("x", code="own_code", remedy="Do that."), 409, "own_code"),
        (OperationalError("password=hunter2"), 503, "unavailable"),
        (KeyError("hunter2"), 500, "internal_error"),
    ],
)
def test_an_error_of_the_house_keeps_its_status_and_code_and_tells_no_secret(as_, monkeypatch, error, status, code):
    def fail(*args, **kwargs):
        raise error

    monkeypatch.setattr("governance.jobs.services.cancel", fail)
    answer = as_("operator").post(f"/api/v1/jobs/job_{'0' * 32}/cancel", {}, content_type="application/json")
    check(answer, status, code)
    assert "hunter2" not in answer.content.decode()


def test_errors_below_a_field_are_named_by_their_path():
    nested = {"a": {"b": [{"message": "no", "code": "bad"}]}, "non_field_errors": [{"message": "all", "code": "odd"}]}
    assert problems.flatten("", nested) == [
        {"field": "a.b", "detail": "no", "code": "bad"},
        {"field": "body", "detail": "all", "code": "odd"},
    ]


def test_every_answer_forbids_caches_and_foreign_hosts(as_):
    paths = ["/healthz", "/readyz", "/api/v1/jobs", "/api/v1/nothing", "/api/v1/catalog", "/nothing"]
    for answer in [as_("operator").get(path) for path in paths] + [Client().post("/api/oauth/token", {})]:
        assert answer["Cache-Control"] == "no-store"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["X-Frame-Options"] == "DENY"
        assert answer["Referrer-Policy"] == "same-origin"
        assert "default-src 'self'" in answer["Content-Security-Policy"]
