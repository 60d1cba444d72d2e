"""Logs as JSON lines. Only named, harmless fields pass: personal data cannot slip in by habit."""

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

REF = re.compile(r"[a-z]{2,5}_[0-9a-f]{32}|(sha256|hmac):[0-9a-f]{64}")
WORD = re.compile(r"[A-Za-z][A-Za-z0-9_. -]{0,59}")
MACHINE = re.compile(r"[A-Za-z0-9_.:@-]{1,80}")
NUMBER = re.compile(r"[0-9]{1,18}")
# What a call may add with `extra=` and what it may look like; anything else is dropped here, not by good manners.
FIELDS = {
    "job": REF,
    "plan": REF,
    "request": REF,
    "release": REF,
    "request_id": REF,
    "attempt": NUMBER,
    "token": NUMBER,
    "count": NUMBER,
    "status": WORD,
    "ms": NUMBER,
    "engine": WORD,
    "code": WORD,
    "task": WORD,
    "method": WORD,
    "route": WORD,
    "worker": MACHINE,
}
HIDDEN = "…"


def harmless(value: Any, pattern: re.Pattern[str]) -> Any:
    """The value, or an ellipsis when it could hold a person's data (django.request logs whole requests)."""
    if value is None or isinstance(value, bool | int | float):
        return value
    return value if isinstance(value, str) and pattern.fullmatch(value) else HIDDEN


def message_of(record: logging.LogRecord) -> str:
    """The sentence as it stands in the code; what was filled in passes only if it is a number, reference or digest.

    Django writes the path of a request this way, and a path is whatever a caller typed.
    """
    if not isinstance(record.msg, str):
        return type(record.msg).__name__
    if record.name.startswith("django.security."):
        # Their text is already filled in, with the header that was refused.
        return f"refused: {record.name.rsplit('.', 1)[-1]}"
    if record.name == "django.request":
        return f"answered {getattr(record, 'status_code', 'an error')}"
    given = record.args
    try:
        if isinstance(given, dict):
            return record.msg % {name: harmless(value, REF) for name, value in given.items()}
        return record.msg % tuple(harmless(value, REF) for value in given) if given else record.msg
    except (TypeError, ValueError):
        return record.msg


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": message_of(record),
        }
        given = vars(record)
        line.update({name: harmless(given[name], form) for name, form in FIELDS.items() if name in given})
        if record.exc_info:
            line.update(place_of(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def place_of(exc_info: Any) -> dict[str, object]:
    """The type and the place, never the value: an exception's text may quote a person's data."""
    kind, _, trace = exc_info
    while trace and trace.tb_next:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}" if trace else None
    return {"error": kind.__name__ if kind else None, "where": where}
