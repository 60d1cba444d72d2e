"""From what is due to a plan, and from a candidate to a release: over HTTP, with the right people only."""

import pytest

from governance.jobs.models import Job, Plan
from governance.releases.models import Approval, Release
from tests.api.trained import POLICY, trained_checkpoint

pytestmark = pytest.mark.django_db
REQUESTS = "/api/v1/erasure-requests"


@pytest.fixture(autouse=True)
def _store_of_this_test(settings, tmp_path):
    settings.OBELUS_VAR = tmp_path


@pytest.fixture
def checkpoint(folk, tmp_path):
    return trained_checkpoint(folk, tmp_path)


def post(client, path, body=None, **headers):
    return client.post(path, body or {}, content_type="application/json", headers=headers)


@pytest.fixture
def policy(as_):
    answer = post(as_("officer"), "/api/v1/policies", {"name": "usual", "body": POLICY})
    assert answer.status_code == 201, answer.content
    return answer.json()["ref"]


def ask_for_erasure(officer, subject="s0"):
    where = post(officer, REQUESTS, {"subject": subject, "law": "gdpr"}, **{"Idempotency-Key": subject})["Location"]
    post(officer, f"{where}/identity", {"method": "in_person"})
    return where, post(officer, f"{where}/scope")


def propose_plan(officer, checkpoint, policy):
    ask_for_erasure(officer)
    return post(officer, "/api/v1/plans", {"model": checkpoint.model.ref, "policy": policy})


def test_a_policy_is_fixed_once_and_a_change_is_a_new_version(as_):
    officer = as_("officer")
    first, same = (post(officer, "/api/v1/policies", {"name": "usual", "body": POLICY}).json() for _ in range(2))
    assert first == same
    changed = {**POLICY, "destruction_deadline_days": 8}
    assert post(officer, "/api/v1/policies", {"name": "usual", "body": changed}).json()["version"] == 2
    assert len(as_("auditor").get("/api/v1/policies").json()["items"]) == 2


def test_a_policy_that_does_not_fit_is_refused(as_):
    answer = post(as_("officer"), "/api/v1/policies", {"name": "usual", "body": {"format": "obelus/policy/1"}})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_policy")


def test_a_number_that_cannot_be_hashed_the_same_everywhere_is_refused(as_):
    body = {**POLICY, "prices": {**POLICY["prices"], "row_gradient_s": 2**70}}
    answer = post(as_("officer"), "/api/v1/policies", {"name": "usual", "body": body})
    assert (answer.status_code, answer.json()["code"]) == (422, "not_canonical")


def test_the_scope_of_a_request_names_the_checkpoint_that_learned_from_the_person(as_, checkpoint):
    _, scoped = ask_for_erasure(as_("officer"))
    assert [line["checkpoint"] for line in scoped.json()["dispositions"]] == [checkpoint.ref]


def test_nothing_due_is_no_plan(as_, checkpoint, policy):
    answer = post(as_("officer"), "/api/v1/plans", {"model": checkpoint.model.ref, "policy": policy})
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_due")
    assert not Plan.objects.exists()


def test_a_plan_is_proposed_confirmed_and_watched(as_, folk, checkpoint, policy):
    officer = as_("officer")
    made = propose_plan(officer, checkpoint, policy)
    assert (made.status_code, made.json()["route"]) == (201, "retrain")
    where = made["Location"]
    confirmed = post(officer, f"{where}/confirm")
    assert (confirmed.status_code, confirmed.json()["status"]) == (200, "unlearning"), confirmed.content
    seen = as_("auditor").get(where).json()
    assert seen["proposer"] == folk.officer.ref
    assert [job["purpose"] for job in seen["jobs"]] == ["retrain"]
    assert [line["status"] for line in seen["dispositions"]] == ["planned"]
    assert [line["event"] for line in seen["timeline"]][:2] == ["policy:fixed", "plan:proposed"]
    assert seen["release"] is None
    assert post(officer, f"{where}/confirm").status_code == 409


def test_a_plan_that_was_discarded_leaves_its_requests_open(as_, checkpoint, policy):
    officer = as_("officer")
    where = propose_plan(officer, checkpoint, policy)["Location"]
    discarded = post(officer, f"{where}/discard").json()
    assert (discarded["status"], discarded["dispositions"]) == ("discarded", [])
    assert post(officer, "/api/v1/plans", {"model": checkpoint.model.ref, "policy": policy}).status_code == 201


def test_a_plan_that_has_not_stopped_does_not_climb(as_, checkpoint, policy):
    officer = as_("officer")
    where = propose_plan(officer, checkpoint, policy)["Location"]
    assert post(officer, f"{where}/climb").status_code == 409
    assert officer.get(where).json()["status"] == "proposed"
    post(officer, f"{where}/confirm")
    assert post(officer, f"{where}/climb").json()["code"] == "not_stopped"


def test_the_papers_of_a_case_that_is_not_closed_are_refused(as_, checkpoint, policy):
    officer = as_("officer")
    where = propose_plan(officer, checkpoint, policy)["Location"]
    for paper in ("bundle", "bundle-with-weights"):
        assert officer.get(f"{where}/{paper}").json()["code"] == "plan_not_closed"
    request = officer.get(REQUESTS).json()["items"][0]["ref"]
    assert officer.get(f"{REQUESTS}/{request}/receipt").json()["code"] == "not_fulfilled"


def test_the_evidence_of_a_job_that_ended_is_a_zip(as_):
    operator = as_("operator")
    where = post(operator, "/api/v1/jobs", {"engine": "noop"})["Location"]
    assert operator.get(f"{where}/bundle").status_code == 409
    post(operator, f"{where}/cancel")
    answer = as_("auditor").get(f"{where}/bundle")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip"), answer.content
    assert answer.content[:2] == b"PK" and Job.objects.get().ref in answer["Content-Disposition"]
    assert answer["Cache-Control"] == "no-store"


def propose_release(client, checkpoint, policy):
    return post(client, "/api/v1/releases", {"checkpoint": checkpoint.ref, "policy": policy})


def test_a_release_needs_two_people_who_did_not_propose_it(as_, checkpoint, policy):
    where = propose_release(as_("operator"), checkpoint, policy)["Location"]
    assert post(as_("approver"), f"{where}/approve").json()["status"] == "proposed"
    twice = post(as_("approver"), f"{where}/approve")
    assert (twice.status_code, twice.json()["code"]) == (403, "four_eyes")
    second = post(as_("second_approver"), f"{where}/approve").json()
    assert (second["status"], len(second["approvals"])) == ("approved", 2)
    assert as_("auditor").get(where).json()["status"] == "approved"


def test_the_proposer_cannot_approve_even_with_the_role(as_, folk, checkpoint, policy):
    folk.both.roles = ["approver", "operator"]
    folk.both.save()
    where = propose_release(as_("both"), checkpoint, policy)["Location"]
    answer = post(as_("both"), f"{where}/approve")
    assert (answer.status_code, answer.json()["code"]) == (403, "four_eyes")
    assert not Approval.objects.exists()


def test_a_release_is_withdrawn_with_a_reason(as_, checkpoint, policy):
    where = propose_release(as_("operator"), checkpoint, policy)["Location"]
    assert post(as_("approver"), f"{where}/withdraw").json()["errors"][0]["field"] == "reason"
    assert Release.objects.get().status == "proposed"
    answer = post(as_("approver"), f"{where}/withdraw", {"reason": "Bad weights."})
    assert answer.json()["status"] == "withdrawn"


def test_a_checkpoint_is_proposed_once(as_, checkpoint, policy):
    propose_release(as_("operator"), checkpoint, policy)
    assert propose_release(as_("operator"), checkpoint, policy).json()["code"] == "already_proposed"
    assert len(as_("approver").get("/api/v1/releases").json()["items"]) == 1
