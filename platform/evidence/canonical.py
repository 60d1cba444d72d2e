"""Canonical JSON (RFC 8785): the one byte form of every document that is hashed or signed.

Numbers take the form ECMAScript prints (shortest digits that read back), keys are sorted by UTF-16 code units, and
nothing is written between tokens. Two documents are equal exactly when their canonical bytes are.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from json.encoder import encode_basestring
from typing import Any, TypeAlias

Json: TypeAlias = Any
"""A JSON value: None, bool, int, float, str, list of Json, dict of str to Json."""

MAX_SAFE_INTEGER = 2**53 - 1
MAX_DEPTH = 64
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)


class CanonicalError(ValueError):
    """A value or a byte string that has no place in canonical JSON; fix the producer, never the reader."""


def canonical_bytes(value: Json) -> bytes:
    """The RFC 8785 form of a JSON value.

    Integers must be within +-(2^53 - 1), floats finite, strings free of lone surrogates, nesting at most 64 deep.

    Raises:
        CanonicalError: the value cannot be written.

    >>> canonical_bytes({"b": 1.0, "a": [True, None]})
    b'{"a":[true,null],"b":1}'
    """
    try:
        return _text(value, depth=0).encode("utf-8")
    except UnicodeEncodeError as error:
        raise CanonicalError("expected Unicode text, found a lone surrogate; remove it") from error


def as_hashed(value: Json) -> Json:
    """The value as its canonical form reads back: 3.0, which a schema takes for a whole number, is 3.

    Raises:
        CanonicalError: as canonical_bytes.
    """
    return parse_canonical(canonical_bytes(value))


def parse_canonical(data: bytes) -> Json:
    """Read canonical JSON and refuse every other spelling of the same value.

    Raises:
        CanonicalError: not JSON, a duplicate key, NaN or Infinity, or bytes that differ from the RFC 8785 form.
    """
    value = parse_strict(data)
    if canonical_bytes(value) != data:
        raise CanonicalError("expected the RFC 8785 form of this JSON, found another spelling; write it canonically")
    return value


def parse_strict(data: bytes) -> Json:
    """Read JSON in any spelling, but refuse duplicate keys, NaN and Infinity.

    Raises:
        CanonicalError: the bytes are not such JSON.
    """
    try:
        return json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_without_duplicates,
            parse_constant=_refuse_constant,
            parse_int=_integer,
            parse_float=_finite,
        )
    except CanonicalError:
        raise
    except (ValueError, RecursionError) as error:
        raise CanonicalError(f"expected JSON in UTF-8, found something else ({error})") from error


def digest(data: bytes) -> str:
    """The digest of some bytes, as `sha256:<64 hex>`."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def digest_json(value: Json) -> str:
    """The digest of a JSON value's canonical bytes. Raises: CanonicalError."""
    return digest(canonical_bytes(value))


def is_digest(value: object) -> bool:
    """Whether this is a digest as `digest` writes it."""
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None


def _text(value: Json, *, depth: int) -> str:
    if depth > MAX_DEPTH:
        raise CanonicalError(f"expected at most {MAX_DEPTH} levels of nesting, found more; flatten the document")
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, int):
        return _integer_text(value)
    if isinstance(value, float):
        return _float_text(value)
    if isinstance(value, Mapping):
        return _object_text(value, depth=depth)
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(_text(item, depth=depth + 1) for item in value) + "]"
    raise CanonicalError(f"expected a JSON value, found {type(value).__name__}; convert it first")


def _object_text(value: Mapping[str, Json], *, depth: int) -> str:
    for key in value:
        if not isinstance(key, str):
            raise CanonicalError(f"expected text as an object's key, found {type(key).__name__}; convert it first")
    # UTF-16 code units, not code points: U+1F600 sorts before U+FB33. Within ASCII there is no difference.
    ascii_only = all(map(str.isascii, value))
    ordered = sorted(value) if ascii_only else sorted(value, key=_utf_16)
    pairs = (encode_basestring(key) + ":" + _text(value[key], depth=depth + 1) for key in ordered)
    return "{" + ",".join(pairs) + "}"


def _utf_16(key: str) -> bytes:
    return key.encode("utf-16-be", "surrogatepass")


def _integer_text(value: int) -> str:
    if abs(value) > MAX_SAFE_INTEGER:
        raise CanonicalError("expected an integer within +-(2^53-1), found a larger one; send it as text")
    return int.__repr__(value)


def _float_text(value: float) -> str:
    """ECMAScript's Number::toString; Python's repr finds the same shortest digits and only spells them otherwise."""
    if not math.isfinite(value):
        raise CanonicalError(f"expected a finite number, found {value}; say null or use a named code")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = float.__repr__(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or "0") - (len(whole + fraction) - len(digits))
    return sign + _place_point(digits.rstrip("0"), point)


def _place_point(digits: str, point: int) -> str:
    """Write 0.DIGITS times ten to the `point` as ECMAScript does."""
    count = len(digits)
    if count <= point <= 21:
        return digits + "0" * (point - count)
    if 0 < point <= 21:
        return digits[:point] + "." + digits[point:]
    if -6 < point <= 0:
        return "0." + "0" * -point + digits
    power = f"e{'+' if point > 0 else '-'}{abs(point - 1)}"
    return (digits if count == 1 else digits[0] + "." + digits[1:]) + power


def _without_duplicates(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise CanonicalError("expected each key once in an object, found a duplicate; remove it")
    return found


def _refuse_constant(name: str) -> Json:
    raise CanonicalError(f"expected JSON, found the constant {name}; say null or use a named code")


def _integer(text: str) -> int | float:
    # Beyond 2^53 the canonical form prints doubles without a point (1e16 is 10000000000000000): read them as such.
    if len(text) <= 17 and abs(int(text)) <= MAX_SAFE_INTEGER:
        return int(text)
    return _finite(text)


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise CanonicalError("expected a number a double can hold, found a larger one; send it as text")
    return value
