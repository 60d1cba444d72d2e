"""Logs as JSON lines. Only named, harmless fields pass: personal data cannot slip in by habit."""

import json
import logging
from datetime import UTC, datetime

# What a call may add with `extra=`; anything else is dropped here, not by good manners elsewhere.
FIELDS = (
    "job",
    "plan",
    "request",
    "release",
    "attempt",
    "token",
    "engine",
    "code",
    "worker",
    "task",
    "count",
    "status",
)


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line.update({name: getattr(record, name) for name in FIELDS if hasattr(record, name)})
        if record.exc_info:
            # The type and the place, never the value: an exception's text may quote a person's data.
            kind, _, trace = record.exc_info
            line["error"] = kind.__name__ if kind else None
            while trace and trace.tb_next:
                trace = trace.tb_next
            if trace:
                line["where"] = f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}"
        return json.dumps(line, default=str)
