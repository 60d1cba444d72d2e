"""Canonical JSON has one spelling per value, and equals the reference implementation's."""

import json
import struct

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.canonical import (
    CanonicalError,
    canonical_bytes,
    digest,
    digest_json,
    is_digest,
    parse_canonical,
    parse_strict,
)

SAFE = st.integers(-(2**53) + 1, 2**53 - 1)
NUMBERS = SAFE | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=20,
)


@settings(deadline=None)
@given(VALUES)
def test_every_value_takes_the_form_of_the_reference_implementation(value: object) -> None:
    assert canonical_bytes(value) == rfc8785.dumps(value)


@settings(deadline=None)
@given(VALUES)
def test_canonical_bytes_read_back_to_the_same_bytes(value: object) -> None:
    data = canonical_bytes(value)
    assert canonical_bytes(parse_canonical(data)) == data


@settings(deadline=None)
@given(st.integers(0, 2**64 - 1))
def test_every_finite_double_takes_the_ecmascript_form(bits: int) -> None:
    (value,) = struct.unpack("<d", struct.pack("<Q", bits))
    if value == value and abs(value) != float("inf"):
        assert canonical_bytes(value) == rfc8785.dumps(value)


@pytest.mark.parametrize(
    ("bits", "text"),
    [
        ("0000000000000000", "0"),
        ("8000000000000000", "0"),
        ("0000000000000001", "5e-324"),
        ("7fefffffffffffff", "1.7976931348623157e+308"),
        ("4340000000000000", "9007199254740992"),
        ("4430000000000000", "295147905179352830000"),
        ("44b52d02c7e14af5", "9.999999999999997e+22"),
        ("44b52d02c7e14af6", "1e+23"),
        ("444b1ae4d6e2ef4e", "999999999999999700000"),
        ("444b1ae4d6e2ef50", "1e+21"),
        ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
        ("3eb0c6f7a0b5ed8d", "0.000001"),
        ("41b3de4355555557", "333333333.33333343"),
        ("becbf647612f3696", "-0.0000033333333333333333"),
        ("43143ff3c1cb0959", "1424953923781206.2"),
    ],
)
def test_the_rfc_8785_number_samples_hold(bits: str, text: str) -> None:
    (value,) = struct.unpack(">d", bytes.fromhex(bits))
    assert canonical_bytes(value).decode() == text


def test_keys_are_sorted_by_utf_16_code_units() -> None:
    data = canonical_bytes({"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\x80": 6, "\u00f6": 7})
    assert list(json.loads(data)) == ["\r", "1", "\x80", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1,"a":1}',
        b'{"a":NaN}',
        b"[Infinity]",
        b"[1e999]",
        b'{"b":1,"a":2}',
        b'{"a": 1}',
        b"[1.0]",
        b"[-0]",
        b"[1E2]",
        b'["\\u0041"]',
        b'["\\ud800"]',
        b"[1]\n",
        b"\xef\xbb\xbf[1]",
        b"\xff",
        b"",
        b"[" * 100_000,
        b"[" * 80 + b"]" * 80,
        b"[9007199254740993]",
        b"1" * 5000,
    ],
)
def test_another_spelling_is_refused(data: bytes) -> None:
    with pytest.raises(CanonicalError):
        parse_canonical(data)


@pytest.mark.parametrize("value", [2**53, -(2**53), float("nan"), float("inf"), {1: 2}, b"x", {"a": {1}}, "\ud800"])
def test_what_json_cannot_hold_is_refused(value: object) -> None:
    with pytest.raises(CanonicalError):
        canonical_bytes(value)


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_reading_never_raises_anything_else(data: bytes) -> None:
    try:
        parse_strict(data)
    except CanonicalError:
        return


def test_a_digest_names_its_algorithm() -> None:
    assert digest(b"") == "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert digest_json({}) == digest(b"{}")
    assert is_digest(digest(b""))
    assert not is_digest(digest(b"").upper())
    assert not is_digest(digest(b"") + "\n")
