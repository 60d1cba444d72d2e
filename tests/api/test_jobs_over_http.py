"""The operator's drill: a noop job over HTTP."""

import pytest
from django.test import Client

from governance.jobs.models import Job, Outbox

pytestmark = pytest.mark.django_db
JOB = {"engine": "noop", "params": {"steps": 3}}
PROBLEM = "application/problem+json"


def post(client, path, body=None):
    return client.post(path, body if body is not None else {}, content_type="application/json")


def test_an_operator_submits_a_job_and_looks_at_it(as_):
    operator = as_("operator")
    answer = post(operator, "/api/v1/jobs", JOB)
    assert answer.status_code == 201
    seen = operator.get(answer["Location"]).json()
    assert (seen["ref"], seen["status"], seen["engine"]) == (answer.json()["ref"], "queued", "noop")
    assert Outbox.objects.get().argument == seen["ref"]


def test_a_queued_job_is_cancelled_at_once_and_only_once(as_):
    operator = as_("operator")
    where = post(operator, "/api/v1/jobs", JOB)["Location"]
    assert post(operator, f"{where}/cancel").json()["status"] == "cancelled"
    again = post(operator, f"{where}/cancel")
    assert (again.status_code, again["Content-Type"], again.json()["code"]) == (409, PROBLEM, "stale_state")


def test_a_job_that_is_no_dead_letter_is_not_sent_round_again(as_):
    operator = as_("operator")
    where = post(operator, "/api/v1/jobs", JOB)["Location"]
    assert post(operator, f"{where}/retry").json()["code"] == "stale_state"
    assert operator.get(where).json()["status"] == "queued"


def test_a_dead_letter_goes_round_once_more(as_):
    operator = as_("operator")
    where = post(operator, "/api/v1/jobs", JOB)["Location"]
    Job.objects.update(status=Job.Status.DEAD, failures=3)
    said = post(operator, f"{where}/retry").json()
    assert (said["status"], said["failures"]) == ("queued", 0)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"engine": "certified.delete"}, "engine"),
        ({"engine": "noop", "pace": 3}, "pace"),
        ({"engine": "noop", "params": []}, "params"),
        ({}, "engine"),
    ],
)
def test_a_body_that_does_not_fit_names_the_field_and_changes_nothing(as_, body, field):
    answer = post(as_("operator"), "/api/v1/jobs", body)
    assert (answer.status_code, answer["Content-Type"]) == (422, PROBLEM)
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert not Job.objects.exists()


def test_parameters_that_the_engine_does_not_know_are_refused(as_):
    answer = post(as_("operator"), "/api/v1/jobs", {"engine": "noop", "params": {"step": 1}})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_parameters")
    assert not Job.objects.exists()


def test_the_stranger_and_the_auditor_may_not_submit(as_):
    for who in ("stranger", "auditor", "approver", "officer"):
        assert post(as_(who), "/api/v1/jobs", JOB).status_code == 403
    assert post(Client(), "/api/v1/jobs", JOB).status_code == 401
    assert not Job.objects.exists()


def test_a_session_without_its_csrf_token_changes_nothing(folk):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(folk.operator)
    answer = post(browser, "/api/v1/jobs", JOB)
    assert (answer.status_code, answer["Content-Type"]) == (403, PROBLEM)
    assert not Job.objects.exists()


def test_a_list_of_jobs_goes_on_where_the_page_before_ended(as_):
    operator = as_("operator")
    refs = [post(operator, "/api/v1/jobs", JOB).json()["ref"] for _ in range(3)]
    first = operator.get("/api/v1/jobs?limit=2").json()
    second = operator.get(f"/api/v1/jobs?limit=2&after={first['next']}").json()
    assert [job["ref"] for job in first["items"] + second["items"]] == refs[::-1]
    assert second["next"] is None


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "after=7", "after=job_" + "0" * 32])
def test_a_cursor_or_limit_that_does_not_fit_is_a_problem(as_, query):
    assert as_("operator").get(f"/api/v1/jobs?{query}").status_code == 422
