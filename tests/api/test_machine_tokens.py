"""Tokens of machine clients: short, scoped, and by client credentials only."""

from datetime import timedelta

import pytest
import redis
from django.test import Client
from django.utils import timezone
from oauth2_provider.models import AccessToken

from governance.people.services import create_client
from tests.api.conftest import token_for

pytestmark = pytest.mark.django_db


def ask(**form):
    return Client().post("/api/oauth/token", form)


def bearer(token):
    return Client(headers={"Authorization": f"Bearer {token}"})


def test_a_client_gets_a_token_for_fifteen_minutes():
    _, _, answer = token_for("portal", "log:read")
    said = answer.json()
    assert (answer.status_code, said["expires_in"], said["scope"], said["token_type"]) == (
        200,
        900,
        "log:read",
        "Bearer",
    )
    assert answer["Cache-Control"] == "no-store"
    assert bearer(said["access_token"]).get("/api/v1/catalog").status_code == 200


def test_a_client_may_prove_itself_by_basic_authentication():
    from base64 import b64encode

    client, secret = create_client(name="portal", scopes=["log:read"])
    pair = b64encode(f"{client.client_id}:{secret}".encode()).decode()
    answer = Client(headers={"Authorization": f"Basic {pair}"}).post(
        "/api/oauth/token", {"grant_type": "client_credentials"}
    )
    assert answer.status_code == 200


def test_a_scope_beyond_the_clients_own_is_refused():
    _, _, answer = token_for("portal", "requests:read", scope="requests:read requests:write")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")
    assert answer["Content-Type"] == "application/problem+json"
    assert not AccessToken.objects.exists()


def test_a_client_may_ask_for_less_than_it_has():
    _, _, answer = token_for("portal", "log:read", "requests:read", scope="log:read")
    machine = bearer(answer.json()["access_token"])
    assert machine.get("/api/v1/catalog").status_code == 200
    assert machine.get("/api/v1/erasure-requests").status_code == 403


def test_a_wrong_secret_gets_nothing():
    client, _ = create_client(name="portal", scopes=["log:read"])
    answer = ask(grant_type="client_credentials", client_id=client.client_id, client_secret="guess")
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_client")
    assert not AccessToken.objects.exists()


@pytest.mark.parametrize("grant", ["password", "authorization_code", "refresh_token", "implicit", "", "nonsense"])
def test_no_other_grant_exists(grant, folk):
    client, secret = create_client(name="portal", scopes=["log:read"])
    form = {"username": "olivia", "password": folk.passwords["olivia"], "code": "x", "refresh_token": "x"}
    answer = ask(grant_type=grant, client_id=client.client_id, client_secret=secret, **form)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert not AccessToken.objects.exists()


def test_a_client_that_was_made_for_another_grant_gets_no_token():
    client, secret = create_client(name="portal", scopes=["log:read"])
    client.authorization_grant_type = "password"
    client.save(update_fields=["authorization_grant_type"])
    assert ask(grant_type="client_credentials", client_id=client.client_id, client_secret=secret).status_code >= 400


def test_a_token_that_has_expired_is_refused():
    _, _, answer = token_for("portal", "log:read")
    AccessToken.objects.update(expires=timezone.now() - timedelta(seconds=1))
    late = bearer(answer.json()["access_token"]).get("/api/v1/catalog")
    assert (late.status_code, late.json()["code"]) == (401, "invalid_token")
    assert late["WWW-Authenticate"].startswith("Bearer")


def test_a_scope_taken_from_the_client_is_gone_at_once():
    client, _, answer = token_for("portal", "log:read")
    client.allowed_scopes = []
    client.save(update_fields=["allowed_scopes"])
    assert bearer(answer.json()["access_token"]).get("/api/v1/catalog").status_code == 403


def test_a_token_in_the_url_counts_for_nothing():
    _, _, answer = token_for("portal", "log:read")
    assert Client().get(f"/api/v1/catalog?access_token={answer.json()['access_token']}").status_code == 401


def test_a_bad_token_is_not_overlooked_in_favour_of_a_session(as_):
    assert as_("operator").get("/api/v1/jobs", headers={"Authorization": "Bearer guess"}).status_code == 401


def test_guessing_is_slowed_down_for_all_processes_together(settings):
    settings.RATES_PER_MINUTE = {"token": 3}
    answers = [ask(grant_type="client_credentials", client_id=f"c{i}", client_secret="x") for i in range(4)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    assert 1 <= int(answers[-1]["Retry-After"]) <= 60
    assert answers[-1]["Content-Type"] == "application/problem+json"


def test_what_another_process_counted_counts_here(settings):
    settings.RATES_PER_MINUTE = {"token": 3}
    assert ask().status_code == 400
    another = redis.Redis.from_url(settings.REDIS_URL)
    (key,) = another.scan_iter("obelus:rate:token:*")
    another.incrby(key, 2)
    assert 0 < another.ttl(key) <= 60
    assert ask().status_code == 429


def test_a_forged_forwarding_header_buys_no_new_count(settings):
    settings.RATES_PER_MINUTE = {"token": 1}
    said = [
        Client(headers={"X-Forwarded-For": f"10.0.0.{i}"}).post("/api/oauth/token", {}).status_code for i in range(2)
    ]
    assert said == [400, 429]


def test_behind_a_trusted_proxy_only_its_own_hop_counts(settings):
    settings.RATES_PER_MINUTE = {"token": 1}
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    hops = ["6.6.6.1, 10.0.0.1", "6.6.6.2, 10.0.0.1", "10.0.0.2"]
    said = [Client(headers={"X-Forwarded-For": hop}).post("/api/oauth/token", {}).status_code for hop in hops]
    assert said == [400, 429, 400]
