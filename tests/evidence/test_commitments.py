"""A commitment opens to one payload under one key."""

import hashlib
import hmac

import pytest

from evidence.commitments import CommitmentKeyError, commit, is_commitment, opens

KEY = bytes(range(32))


def test_a_commitment_is_the_hmac_of_the_canonical_payload() -> None:
    expected = hmac.new(KEY, b'{"a":1,"b":"x"}', hashlib.sha256).hexdigest()
    assert commit(key=KEY, payload={"b": "x", "a": 1.0}) == "hmac:" + expected


def test_it_opens_to_its_own_payload_and_key_only() -> None:
    made = commit(key=KEY, payload="user_1")
    assert opens(made, key=KEY, payload="user_1")
    assert not opens(made, key=KEY, payload="user_2")
    assert not opens(made, key=bytes(32), payload="user_1")
    assert not opens(None, key=KEY, payload="user_1")
    assert not opens("hmac:é", key=KEY, payload="user_1")


def test_equal_people_are_equal_within_a_case_and_nothing_outside_it() -> None:
    assert commit(key=KEY, payload="user_1") == commit(key=KEY, payload="user_1")
    assert commit(key=KEY, payload="user_1") != commit(key=KEY[::-1], payload="user_1")


def test_a_short_key_is_refused() -> None:
    with pytest.raises(CommitmentKeyError, match="32"):
        commit(key=b"short", payload="x")


def test_its_form_is_fixed() -> None:
    assert is_commitment(commit(key=KEY, payload=None))
    assert not is_commitment("hmac:" + "A" * 64)
    assert not is_commitment(None)
