"""Callers of every kind, and a clean count of requests for each test."""

from collections.abc import Callable

import pytest
from django.test import Client

from governance.api.throttles import store
from governance.people.services import create_client


@pytest.fixture(autouse=True)
def _no_old_counts():
    yield
    for key in store().scan_iter("obelus:rate:*"):
        store().delete(key)


@pytest.fixture
def as_(folk) -> Callable[[str], Client]:
    """`as_("operator")` is a browser in which that person of `folk` is signed in."""

    def sign_in(who: str) -> Client:
        client = Client(raise_request_exception=False)
        client.force_login(getattr(folk, who))
        return client

    return sign_in


def token_for(name: str, *scopes: str, **asked: str):
    """A machine client with these scopes, and the token it was given."""
    client, secret = create_client(name=name, scopes=list(scopes))
    form = {"grant_type": "client_credentials", "client_id": client.client_id, "client_secret": secret, **asked}
    return client, secret, Client().post("/api/oauth/token", form)


@pytest.fixture
def machine(db) -> Callable[..., Client]:
    """`machine("requests:write")` is a client that carries a token with that scope."""

    def connect(*scopes: str, name: str = "portal") -> Client:
        _, _, answer = token_for(name, *scopes)
        token = answer.json()["access_token"]
        return Client(raise_request_exception=False, headers={"Authorization": f"Bearer {token}"})

    return connect
