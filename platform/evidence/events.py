"""The log's events as a verifier reads them: which body keys each must have, and of what kind.

`thread:closed` counts its thread; keys named after an artifact hold its digest; people appear by commitment only.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from evidence.canonical import Json, is_digest
from evidence.commitments import is_commitment

_JOB = re.compile(r"job_[0-9a-f]{32}", re.ASCII)


def _is_count(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_job(value: Json) -> bool:
    return isinstance(value, str) and _JOB.fullmatch(value) is not None


def _is_text(value: Json) -> bool:
    return isinstance(value, str) and bool(value)


def _is_text_or_null(value: Json) -> bool:
    return value is None or isinstance(value, str)


def _is_bool(value: Json) -> bool:
    return isinstance(value, bool)


def _is_digests(value: Json) -> bool:
    return isinstance(value, list) and bool(value) and all(is_digest(each) for each in value)


Rule = Callable[[Json], bool]
_JOB_KEYS: dict[str, Rule] = {"job": _is_job, "attempt": _is_count}
REQUIRED: dict[str, dict[str, Rule]] = {
    "policy:fixed": {"policy": is_digest},
    "plan:confirmed": {"plan": is_digest, "proposer": is_commitment},
    "attempt:started": {**_JOB_KEYS, "spec": is_digest},
    "attempt:ended": {**_JOB_KEYS, "outcome": _is_text, "cause": _is_text_or_null, "seen": _is_bool},
    "job:recorded": {**_JOB_KEYS, "spec": is_digest, "result": is_digest},
    "verdict:reached": {"verdict": is_digest, "outcome": _is_text, "attempts": _is_count},
    "certificate:issued": {"certificate": is_digest},
    "release:proposed": {"release": is_digest, "approval_digest": is_digest},
    "release:approved": {"release": is_digest, "approval_digest": is_digest, "approver": is_commitment},
    "release:published": {
        "release": is_digest,
        "weights": is_digest,
        "signature": is_digest,
        "certificate": is_digest,
    },
    "deployment:reported": {"deployment": _is_text, "weights": is_digest},
    "destruction:completed": {"items": _is_count, "list": is_digest},
    "certificate:effective": {"certificate": is_digest, "at": _is_text},
    "thread:closed": {"length": _is_count},
}
OPTIONAL: dict[str, dict[str, Rule]] = {
    "job:recorded": {
        **{"ledger": is_digest, "measurements": is_digest, "sealed": is_commitment, "weights": is_digest},
        "parts": is_digest,
    },
    "certificate:issued": {"ledger": is_digest},
    # The rows in no model that the verdict will be reached beside, and how many they are.
    "plan:confirmed": {"holdout": is_digest, "holdout_rows": _is_count},
    # Bytes on the list that stay: something that never learned from these people has the same ones.
    # Which weights the release replaced: they are on the list.
    "destruction:completed": {"kept": _is_digests, "replaced": is_digest},
    # An alarm that was called false: which verdict, and by whom.
    "verdict:reached": {"clears": is_digest, "clearer": is_commitment},
}
ERASURE_EVENTS = (
    *("policy:fixed", "plan:confirmed", "attempt:started", "job:recorded", "verdict:reached", "certificate:issued"),
    *("release:proposed", "release:approved", "release:published", "destruction:completed", "certificate:effective"),
)


def body_faults(event: str, body: Json) -> list[str]:
    """The body keys that an event of this kind lacks or fills wrongly."""
    missing = [key for key, rule in REQUIRED.get(event, {}).items() if not rule(body.get(key))]
    wrong = [key for key, rule in OPTIONAL.get(event, {}).items() if body.get(key) is not None and not rule(body[key])]
    return missing + wrong
