"""The sealed list of a planting: who is nobody, what their rows are, which half is to be erased, and the commitment.

A leaf is the digest of one sentinel's whole entry with a salt of its own, so that the trail tells nothing before the
list is shown and everything afterwards.
"""

import os
import secrets
from dataclasses import dataclass
from typing import Any

import numpy as np

from evidence.canonical import digest_json
from governance.audit.sealing import seal, unseal
from governance.verification.sentinel_drawing import Constants, drawn
from governance.verification.sentinel_models import SentinelSet

FORMAT = "obelus/sentinel/1"
SEALED_AS = "sentinels"
TWINS_EACH = 2  # never planted, drawn alike: the null of every test


@dataclass(frozen=True)
class Sentinel:
    """One of the list: an identifier, its rows (record id, features), one label, and whether it will ask to go."""

    entry: dict[str, Any]

    @property
    def identifier(self) -> str:
        return str(self.entry["identifier"])

    @property
    def record_ids(self) -> list[str]:
        return [row["record_id"] for row in self.entry["rows"]]

    @property
    def features(self) -> list[list[float]]:
        return [row["features"] for row in self.entry["rows"]]

    @property
    def label(self) -> int:
        return int(self.entry["label"])

    @property
    def will_ask(self) -> bool:
        return bool(self.entry["erase"])

    @property
    def leaf(self) -> str:
        return digest_json({"format": FORMAT, **self.entry})


@dataclass(frozen=True)
class SealedList:
    sentinels: list[Sentinel]
    twins: dict[str, Any]

    def commitment(self) -> dict[str, Any]:
        """What may be known beforehand: sorted leaves, how many will ask, and a digest of the twins."""
        return {
            "leaves": sorted(sentinel.leaf for sentinel in self.sentinels),
            "to_be_erased": sum(sentinel.will_ask for sentinel in self.sentinels),
            "twins": digest_json(self.twins),
        }

    def as_json(self) -> dict[str, Any]:
        return {"sentinels": [sentinel.entry for sentinel in self.sentinels], "twins": self.twins}


def make_list(
    kind: str, constants: Constants, *, identifiers: list[str], rows_each: int, draw: np.random.Generator
) -> SealedList:
    """Fresh sentinels under these identifiers, a random half of whom will ask, and their twins."""
    count = len(identifiers)
    features, labels = drawn(kind, constants, count=count, rows_each=rows_each, draw=draw)
    asking = set(draw.permutation(count)[: count // 2].tolist())
    sentinels = [
        Sentinel(
            {
                "salt": os.urandom(32).hex(),
                "identifier": identifiers[place],
                "label": labels[place],
                "rows": [
                    {"record_id": f"record-{secrets.token_hex(8)}", "features": [float(value) for value in row]}
                    for row in features[place]
                ],
                "erase": place in asking,
            }
        )
        for place in range(count)
    ]
    unseen, tossed = drawn(kind, constants, count=TWINS_EACH * count, rows_each=rows_each, draw=draw)
    nobody = [{"label": label, "rows": rows.tolist()} for label, rows in zip(tossed, unseen, strict=True)]
    return SealedList(sentinels, {"salt": os.urandom(32).hex(), "drawn": nobody})


def seal_list(ref: str, found: SealedList) -> str:
    """Encrypt the list under the set's own case key; returns the keyed commitment."""
    return seal(ref, SEALED_AS, found.as_json())


def unseal_list(row: SentinelSet) -> SealedList:
    """For the planting's own machinery; people come through `sentinels.errand` and `sentinels.reveal`.

    Raises:
        Destroyed, NotFound: as `unseal`.
    """
    body = unseal(row.ref, SEALED_AS)
    return SealedList([Sentinel(entry) for entry in body["sentinels"]], body["twins"])
