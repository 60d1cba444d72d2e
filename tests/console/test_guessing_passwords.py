"""Ten attempts a minute for one name from one address; then the door stays shut, even to the right password."""

import pytest
from django.test import Client

from governance.api.throttles import store
from governance.console import attempts

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _one_minute_without_old_counts(monkeypatch):
    """The minute may not turn in the middle of a test."""
    monkeypatch.setattr("governance.api.throttles.time.time", lambda: 60_000_001.0)
    yield
    for key in store().scan_iter("obelus:rate:*"):
        store().delete(key)


def attempt(name: str, password: str = "wrong", **where: str):
    return Client().post("/console/login/", {"username": name, "password": password}, **where)


def test_after_ten_attempts_a_minute_even_the_right_password_waits(folk):
    assert {attempt("olivia").status_code for _ in range(10)} == {200}
    answer = attempt("olivia", folk.passwords["olivia"])
    assert (answer.status_code, 0 < int(answer["Retry-After"]) <= 60) == (429, True)
    assert b"Wait a minute" in answer.content
    assert b">Sign in</a>" in answer.content and b"desk" not in answer.content
    assert "olivia" not in str(list(store().scan_iter("obelus:rate:login*")))


def test_another_name_and_another_address_are_not_kept_waiting(folk):
    for _ in range(11):
        attempt("Olivia")
    assert attempt("olivia").status_code == 429
    assert attempt("omar", folk.passwords["omar"]).status_code == 302
    assert attempt("olivia", folk.passwords["olivia"], REMOTE_ADDR="192.0.2.7").status_code == 302


def test_trying_many_names_from_one_address_ends_too(folk, monkeypatch):
    monkeypatch.setattr(attempts, "FOR_AN_ADDRESS", 3)
    assert [attempt(f"name{number}").status_code for number in range(4)] == [200, 200, 200, 429]


def test_looking_at_the_form_is_no_attempt(folk):
    assert {Client().get("/console/login/").status_code for _ in range(12)} == {200}
