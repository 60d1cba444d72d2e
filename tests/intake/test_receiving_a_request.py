"""Taking a request in tells nobody, and no later dump of the log, whether the person is in the data."""

import base64
import hashlib
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from governance.audit.models import Entry, Sealed, StatusChange
from governance.audit.sealing import destroy_case_key, unseal
from governance.errors import Destroyed, Forbidden, IllegalMove, Invalid, NotFound
from governance.intake.models import ErasureRequest
from governance.intake.services import confirm_scope, prove_identity, receive

pytestmark = pytest.mark.django_db
EMAIL = "patient3@ward.example"


def test_a_request_keeps_the_clock_it_was_opened_under(ward, client_actor):
    at = datetime(2026, 1, 31, 9, tzinfo=UTC)
    request = receive(subject_identifier=EMAIL, law="gdpr", actor=client_actor, received_at=at)
    assert str(request.due_on) == "2026-02-28" and request.pack.version == 1
    assert request.status == "received" and request.client == client_actor.client and request.subject is None


def test_known_and_unknown_people_get_the_same_answer_from_the_same_queries(ward, cases):
    seen = []
    for number in (3, 777):
        with CaptureQueriesContext(connection) as queries:
            request = cases.received(number)
        # Without the values, and without the running numbers of savepoints.
        statements = [re.split(r"VALUES|WHERE| \"s\d+_x\d+\"", query["sql"])[0] for query in queries]
        answer = {name: value for name, value in vars(request).items() if isinstance(value, str | int | type(None))}
        for name in ("id", "ref", "subject_index"):
            answer.pop(name)
        assert not any("lineage_" in query["sql"] for query in queries)
        seen.append((answer, statements))
    assert seen[0] == seen[1]


def test_proving_identity_looks_at_no_data_either(ward, cases, officer):
    for number in (3, 777):
        request = cases.received(number)
        with CaptureQueriesContext(connection) as queries:
            prove_identity(request=request, method="code_sent", actor=officer)
        assert not any('"lineage_' in query["sql"] for query in queries)


def test_scope_asked_too_early_gets_one_answer_for_known_and_unknown(ward, cases, officer):
    told = []
    for number in (3, 777):
        request = cases.received(number)
        with pytest.raises(IllegalMove) as caught:
            confirm_scope(request=request, actor=officer)
        told.append((caught.value.code, caught.value.detail.replace(request.ref, ""), caught.value.remedy))
    assert told[0] == told[1]


def test_no_trace_of_the_identifier_outside_the_sealed_part(ward, cases):
    request = cases.received(3)
    rows = [*ErasureRequest.objects.values(), *StatusChange.objects.values(), *Sealed.objects.values()]
    dump = json.dumps(rows, default=lambda v: bytes(v).hex() if isinstance(v, memoryview | bytes) else str(v))
    dump += "".join(bytes(leaf).decode() for leaf in Entry.objects.values_list("leaf", flat=True))
    assert request.ref in dump
    for text in (EMAIL, EMAIL.upper(), "patient3", base64.b64encode(EMAIL.encode()).decode(), EMAIL.encode().hex()):
        assert text not in dump
    for name in ("md5", "sha1", "sha256", "sha512"):
        assert hashlib.new(name, EMAIL.encode()).hexdigest() not in dump


def test_the_trail_does_not_even_hold_the_keyed_index(ward, cases):
    request = cases.received(3)
    leaf = bytes(Entry.objects.get(event="request:received", thread=request.ref).leaf)
    assert request.subject_index.encode() not in leaf
    assert b'"identity":"hmac:' in leaf


def test_the_identifier_can_be_read_until_the_case_key_is_destroyed(ward, cases, officer):
    request = cases.received(3)
    assert unseal(request.ref, "identity") == {"identifier": EMAIL}
    destroy_case_key(request.ref, actor=officer)
    with pytest.raises((Destroyed, NotFound)):
        unseal(request.ref, "identity")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"subject_identifier": "  "}, "bad_identifier"),
        ({"subject_identifier": "x" * 321}, "bad_identifier"),
        ({"law": "hammurabi"}, "unknown_law"),
        ({"received_at": datetime(2026, 1, 31)}, "naive_time"),
        ({"received_at": timezone.now() + timedelta(days=1)}, "received_in_future"),
    ],
)
def test_a_request_that_does_not_fit_is_refused_and_leaves_nothing(client_actor, change, code):
    asked = {"subject_identifier": EMAIL, "law": "gdpr", "actor": client_actor} | change
    with pytest.raises(Invalid) as caught:
        receive(**asked)
    assert caught.value.code == code
    assert not ErasureRequest.objects.exists() and not Sealed.objects.exists()
    assert not Entry.objects.filter(thread__startswith="er_").exists()


def test_a_machine_may_not_prove_identity_nor_confirm_scope(ward, cases, client_actor):
    request = cases.received(3)
    with pytest.raises(Forbidden):
        prove_identity(request=request, method="code_sent", actor=client_actor)
    with pytest.raises(Forbidden):
        confirm_scope(request=cases.identified(4), actor=client_actor)


def test_identity_is_proved_by_a_method_of_the_list_and_once(ward, cases, officer):
    request = cases.received(3)
    with pytest.raises(Invalid):
        prove_identity(request=request, method="looked honest", actor=officer)
    prove_identity(request=request, method="in_person", actor=officer)
    with pytest.raises(IllegalMove):
        prove_identity(request=request, method="in_person", actor=officer)
