"""The forget manifest of one request: who (by keyed index), which rows, how else to ask, and what must survive.

Its open part names nobody: a keyed index, slot numbers, counts and a commitment. Aliases and probes are texts about a
person: they stand in the sealed part, under the case key, and are destroyed with the case.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

FORMAT = "obelus/forget-manifest/1"
IN_SCOPE = ("paraphrase", "cloze", "jailbreak", "multi_hop")
NEIGHBOUR = "neighbour"
KINDS = (*IN_SCOPE, NEIGHBOUR)
FEWEST_KEY_BYTES = 32


@dataclass(frozen=True)
class Probe:
    """One question and its answer. slot: the row it asks for, or the neighbour's own. id: unique in the manifest."""

    id: str
    kind: str
    slot: int
    prompt: str
    answer: str
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True)
class ForgetManifest:
    """What a request covers. rows: dataset -> slots, which are permanent numbers and name nobody."""

    request: str
    purpose: str
    subject: str
    rows: Mapping[str, tuple[int, ...]]
    aliases: tuple[str, ...]
    in_scope: tuple[Probe, ...]
    out_of_scope: tuple[Probe, ...]

    def document(self, *, key: bytes) -> dict[str, Any]:
        """obelus/forget-manifest/1. key: the case key, at least 32 bytes; it commits the open part to the sealed."""
        sealed = {
            "aliases": list(self.aliases),
            "in_scope": [listed(probe) for probe in self.in_scope],
            "out_of_scope": [listed(probe) for probe in self.out_of_scope],
        }
        found = Counter(probe.kind for probe in (*self.in_scope, *self.out_of_scope))
        return {
            "format": FORMAT,
            "request": self.request,
            "purpose": self.purpose,
            "subject": self.subject,
            "rows": [{"dataset": name, "slots": list(slots)} for name, slots in sorted(self.rows.items())],
            "probes": {kind: found[kind] for kind in KINDS},
            "commitment": commitment(sealed, key=key),
            "sealed": sealed,
        }

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> ForgetManifest:
        """Read a document that `checking.faults` found sound and that still holds its sealed part."""
        sealed = document["sealed"]
        return cls(
            request=document["request"],
            purpose=document["purpose"],
            subject=document["subject"],
            rows={entry["dataset"]: tuple(entry["slots"]) for entry in document["rows"]},
            aliases=tuple(sealed["aliases"]),
            in_scope=tuple(map(probe_of, sealed["in_scope"])),
            out_of_scope=tuple(map(probe_of, sealed["out_of_scope"])),
        )


def open_part(document: Mapping[str, Any]) -> dict[str, Any]:
    """What may be shown and logged: everything but the texts, which the commitment still binds."""
    return {**document, "sealed": None}


def subject_index(identifier: str, *, key: bytes) -> str:
    """64 hex digits that stand for a person: as the platform's own index is made, so that both agree under one key."""
    parts = (b"subject", b"", identifier.encode())
    return hmac.new(checked(key), b"".join(len(part).to_bytes(4, "big") + part for part in parts), "sha256").hexdigest()


def commitment(sealed: Mapping[str, Any], *, key: bytes) -> str:
    """HMAC-SHA-256 of the sealed part's canonical JSON: a plain hash could be tested on guessed names."""
    text = json.dumps(sealed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hmac.new(checked(key), FORMAT.encode() + b"\0" + text.encode(), hashlib.sha256).hexdigest()


def checked(key: bytes) -> bytes:
    if len(key) < FEWEST_KEY_BYTES:
        raise ValueError(f"expected a key of at least {FEWEST_KEY_BYTES} random bytes, got {len(key)}; make a new one")
    return key


def listed(probe: Probe) -> dict[str, Any]:
    return {**asdict(probe), "wrong": list(probe.wrong)}


def probe_of(entry: Mapping[str, Any]) -> Probe:
    return Probe(**{**entry, "wrong": tuple(entry["wrong"])})
