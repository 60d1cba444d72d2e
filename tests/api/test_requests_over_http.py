"""Erasure requests over HTTP: one key one case, own cases only, and not a word before identity is proved."""

import json
import time
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from governance.intake.models import ErasureRequest, IdempotencyKey
from governance.people.services import create_client

pytestmark = pytest.mark.django_db
REQUESTS = "/api/v1/erasure-requests"
JANE = {"subject": "jane.doe@example.org", "law": "gdpr"}


@pytest.fixture
def portal(machine):
    return machine("requests:write", "requests:read")


def post(client, path, body=None, key=None):
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(path, body or {}, content_type="application/json", headers=headers)


def test_a_machine_sends_a_request_and_reads_it_back(portal):
    answer = post(portal, REQUESTS, JANE, key="k1")
    assert (answer.status_code, answer["Idempotent-Replayed"]) == (201, "false")
    seen = portal.get(answer["Location"]).json()
    assert (seen["ref"], seen["status"], seen["law"], seen["dispositions"]) == (
        answer.json()["ref"],
        "received",
        "gdpr",
        [],
    )


def test_no_answer_holds_the_identifier_or_its_index(portal):
    answer = post(portal, REQUESTS, JANE, key="k1")
    everything = answer.content + portal.get(answer["Location"]).content + portal.get(REQUESTS).content
    row = ErasureRequest.objects.get()
    assert "jane" not in everything.decode() and row.subject_index not in everything.decode()
    kept = IdempotencyKey.objects.get()
    assert "jane" not in json.dumps([kept.body, kept.fingerprint, kept.key])


def test_a_request_needs_an_idempotency_key(portal):
    answer = post(portal, REQUESTS, JANE)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")
    assert not ErasureRequest.objects.exists()


def test_the_same_key_and_body_is_the_same_case(portal):
    first, again = (post(portal, REQUESTS, JANE, key="k1") for _ in range(2))
    assert (again.status_code, again.json()) == (201, first.json())
    assert again["Idempotent-Replayed"] == "true" and again["Location"] == first["Location"]
    assert ErasureRequest.objects.count() == 1


def test_the_same_key_with_another_body_is_refused(portal):
    post(portal, REQUESTS, JANE, key="k1")
    answer = post(portal, REQUESTS, {**JANE, "subject": "john"}, key="k1")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_mismatch")
    assert ErasureRequest.objects.count() == 1


def test_a_key_belongs_to_its_client(machine):
    for name in ("first", "second"):
        assert post(machine("requests:write", name=name), REQUESTS, JANE, key="k1").status_code == 201
    assert ErasureRequest.objects.count() == 2


def test_a_body_that_was_refused_leaves_its_key_free(portal):
    assert post(portal, REQUESTS, {**JANE, "law": "none"}, key="k1").json()["code"] == "unknown_law"
    assert post(portal, REQUESTS, JANE, key="k1").status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"subject": "jane"},
        {**JANE, "client": "other"},
        {**JANE, "subject": ""},
        {**JANE, "subject": "x" * 321},
        {**JANE, "subject": "a\0b"},
        {**JANE, "received_at": "yesterday"},
        {**JANE, "subject": {"name": "jane"}},
    ],
)
def test_a_body_that_does_not_fit_opens_no_case(portal, body):
    answer = post(portal, REQUESTS, body, key="k1")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert not ErasureRequest.objects.exists() and not IdempotencyKey.objects.exists()


def test_a_number_for_an_identifier_is_an_identifier(portal):
    assert post(portal, REQUESTS, {**JANE, "subject": 2**70}, key="k1").status_code == 201


def test_a_machine_sees_only_its_own_cases(machine, as_):
    mine, other = (machine("requests:write", "requests:read", name=name) for name in ("mine", "other"))
    where = post(mine, REQUESTS, JANE, key="k1")["Location"]
    assert other.get(where).status_code == 404
    assert post(other, f"{where}/withdrawal").status_code == 404
    assert other.get(REQUESTS).json()["items"] == []
    assert other.get(f"{REQUESTS}?after={where.rsplit('/', 1)[-1]}").status_code == 422
    assert len(as_("officer").get(REQUESTS).json()["items"]) == 1
    assert len(as_("auditor").get(REQUESTS).json()["items"]) == 1


def test_a_machine_takes_its_request_back(portal):
    where = post(portal, REQUESTS, JANE, key="k1")["Location"]
    assert post(portal, f"{where}/withdrawal").json()["status"] == "withdrawn"
    assert post(portal, f"{where}/withdrawal").status_code == 409


def test_an_officer_proves_identity_once_and_scope_comes_after(portal, as_):
    officer = as_("officer")
    where = post(portal, REQUESTS, JANE, key="k1")["Location"]
    early = post(officer, f"{where}/scope")
    assert (early.status_code, early.json()["code"]) == (409, "illegal_move")
    assert post(officer, f"{where}/identity", {"method": "signed_in"}).json()["status"] == "identified"
    assert post(officer, f"{where}/identity", {"method": "signed_in"}).status_code == 409
    unknown = post(officer, f"{where}/scope")
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_subject")
    assert officer.get(where).json()["status"] == "identified"


def test_before_identity_is_proved_a_refusal_cannot_tell_whether_the_person_is_in_the_data(portal, as_):
    where = post(portal, REQUESTS, JANE, key="k1")["Location"]
    told = {"ground": "no_data_held", "reason": "We looked."}
    assert post(as_("officer"), f"{where}/refusal", told).json()["code"] == "ground_not_now"
    refused = post(as_("officer"), f"{where}/refusal", {"ground": "identity_not_proved", "reason": "No answer."})
    assert (refused.json()["status"], refused.json()["refusal_ground"]) == ("refused", "identity_not_proved")
    assert "No answer" not in portal.get(where).content.decode()


def test_a_request_is_dated_when_it_came_and_due_by_the_law(as_):
    body = {**JANE, "received_at": "2026-01-31T10:00:00Z"}
    assert post(as_("officer"), REQUESTS, body, key="k1").json()["due_on"] == "2026-02-28"
    later = {**JANE, "received_at": (timezone.now() + timedelta(days=2)).isoformat()}
    assert post(as_("officer"), REQUESTS, later, key="k2").json()["code"] == "received_in_future"


def test_submitting_is_limited_for_each_client_alone(machine, settings):
    settings.RATES_PER_MINUTE = {"submit": 2}
    mine, other = (machine("requests:write", "requests:read", name=name) for name in ("mine", "other"))
    answers = [post(mine, REQUESTS, JANE, key=f"k{i}") for i in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert int(answers[-1]["Retry-After"]) >= 1
    assert post(other, REQUESTS, JANE, key="k").status_code == 201
    assert mine.get(REQUESTS).status_code == 200


def test_redis_away_neither_closes_the_door_nor_slows_it(portal, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    began = time.monotonic()
    assert post(portal, REQUESTS, JANE, key="k1").status_code == 201
    assert time.monotonic() - began < 2


def test_a_client_that_was_deleted_is_shut_out_at_once():
    from governance.people.models import MachineClient
    from tests.api.conftest import token_for

    client, _, answer = token_for("portal", "requests:read")
    MachineClient.objects.filter(pk=client.pk).delete()
    browser = Client(headers={"Authorization": f"Bearer {answer.json()['access_token']}"})
    assert browser.get(REQUESTS).status_code == 401


def test_a_person_and_a_client_share_no_keys(as_):
    create_client(name="portal", scopes=["requests:write"])
    assert post(as_("officer"), REQUESTS, JANE, key="k1").status_code == 201
    assert post(as_("both"), REQUESTS, JANE, key="k1").status_code == 201
    assert ErasureRequest.objects.count() == 2
