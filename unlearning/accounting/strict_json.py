"""JSON read so that one text has one meaning: no duplicate key, no NaN, no unknown or missing field."""

import json
import math
from collections.abc import Collection
from typing import Any

from unlearning.accounting.errors import AccountingError

_LARGEST_INTEGER = 2**53 - 1


def parse(text: str | bytes) -> Any:
    """The parsed value. Raises: LEDGER_MALFORMED, NOT_FINITE."""
    try:
        decoded = text.decode("utf-8") if isinstance(text, bytes) else text
        return json.loads(decoded, object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
    except AccountingError:
        raise
    except (ValueError, RecursionError) as error:
        raise malformed(f"Expected UTF-8 JSON: {error}.") from error


def dump(value: Any) -> str:
    """Sorted, compact, finite JSON. (Digests are taken over RFC 8785 canonical JSON, which the evidence layer owns.)"""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=False)


def require_fields(
    value: Any, *, where: str, required: Collection[str], optional: Collection[str] = ()
) -> dict[str, Any]:
    """A JSON object with exactly these fields. Raises: LEDGER_MALFORMED."""
    if not isinstance(value, dict):
        raise malformed(f"Expected {where} to be an object, got {type(value).__name__}.")
    missing = sorted(set(required) - value.keys())
    unknown = sorted(str(key) for key in value.keys() - set(required) - set(optional))
    if missing or unknown:
        raise malformed(f"In {where}: missing fields {missing}, unknown fields {unknown}.")
    return value


def require_number(value: Any, *, where: str) -> float:
    """A finite JSON number. Raises: LEDGER_MALFORMED, NOT_FINITE."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise malformed(f"Expected {where} to be a number, got {value!r}.")
    if isinstance(value, int) and abs(value) > _LARGEST_INTEGER or not math.isfinite(value):
        raise AccountingError("NOT_FINITE", f"Expected a finite {where}, got {value!r}.", "Nothing was certified.")
    return float(value)


def require_count(value: Any, *, where: str, least: int = 0) -> int:
    """A whole number of at least `least`. Raises: LEDGER_MALFORMED."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= _LARGEST_INTEGER:
        raise malformed(f"Expected {where} to be a whole number >= {least}, got {value!r}.")
    return value


def require_text(value: Any, *, where: str) -> str:
    """A non-empty string. Raises: LEDGER_MALFORMED."""
    if not isinstance(value, str) or not value:
        raise malformed(f"Expected {where} to be a non-empty string, got {value!r}.")
    return value


def malformed(message: str) -> AccountingError:
    """The error for a text that is not what it claims to be."""
    return AccountingError("LEDGER_MALFORMED", message, "No certificate can be computed from it.")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise malformed("A JSON object names the same field twice.")
    return value


def _no_constant(name: str) -> Any:
    raise AccountingError("NOT_FINITE", f"Expected finite numbers, got {name}.", "Nothing was certified.")
