"""The sealed list of a planting: who is nobody, what their rows are, which half is to be erased, and the commitment.

All are drawn alike, and a secret draw of lots says who is planted and who stays out as a twin: whatever tells a made
person from a real one tells nothing of that. A leaf is the digest of one sentinel's whole entry with a salt of its own,
so that the trail tells nothing before the list is shown and everything afterwards.
"""

import os
import secrets
from dataclasses import dataclass
from typing import Any

from evidence.canonical import digest_json
from governance.audit.sealing import seal, unseal
from governance.verification.sentinel_models import SentinelSet

FORMAT = "obelus/sentinel/1"
SEALED_AS = "sentinels"
TWINS_EACH = 2  # never planted, drawn alike: the null of every test
OF_THE_LIST = ("salt", "identifier", "rows", "erase")
LOTS = secrets.SystemRandom()


@dataclass(frozen=True)
class Sentinel:
    """One of the list: an identifier, its rows (record id and content), what they share, and whether it will ask."""

    entry: dict[str, Any]

    @property
    def identifier(self) -> str:
        return str(self.entry["identifier"])

    @property
    def record_ids(self) -> list[str]:
        return [row["record_id"] for row in self.entry["rows"]]

    @property
    def drawn(self) -> dict[str, Any]:
        """What was drawn of it, without who it is: {"rows": contents, and what they share}."""
        shared = {name: value for name, value in self.entry.items() if name not in OF_THE_LIST}
        return {**shared, "rows": [without_id(row) for row in self.entry["rows"]]}

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

    @property
    def never_planted(self) -> list[dict[str, Any]]:
        """The twins, as `Sentinel.drawn` gives the planted ones."""
        return [{**twin, "rows": [without_id(row) for row in twin["rows"]]} for twin in self.twins["drawn"]]

    def commitment(self) -> dict[str, Any]:
        """What may be known beforehand: sorted leaves, how many will ask, and a digest of the twins."""
        return {
            "leaves": sorted(sentinel.leaf for sentinel in self.sentinels),
            "to_be_erased": sum(sentinel.will_ask for sentinel in self.sentinels),
            "twins": digest_json(self.twins),
        }

    def as_json(self) -> dict[str, Any]:
        return {"sentinels": [sentinel.entry for sentinel in self.sentinels], "twins": self.twins}


def make_list(pool: list[dict[str, Any]], *, identifiers: list[str]) -> SealedList:
    """As many of a pool as there are identifiers are planted, a random half of them will ask; the others are twins."""
    count, lots = len(identifiers), LOTS.sample(pool, len(pool))
    asking = set(LOTS.sample(range(count), count // 2))
    sentinels = [
        Sentinel(entry_of(drawn, identifier, asks=place in asking))
        for place, (drawn, identifier) in enumerate(zip(lots[:count], identifiers, strict=True))
    ]
    return SealedList(sentinels, {"salt": os.urandom(32).hex(), "drawn": lots[count:]})


def entry_of(drawn: dict[str, Any], identifier: str, *, asks: bool) -> dict[str, Any]:
    rows = [{"record_id": f"record-{secrets.token_hex(8)}", **row} for row in drawn["rows"]]
    return {**drawn, "salt": os.urandom(32).hex(), "identifier": identifier, "rows": rows, "erase": asks}


def without_id(row: dict[str, Any] | list[float]) -> dict[str, Any]:
    """A row's content; in lists made before there were texts, a twin's row is its features and nothing else."""
    if isinstance(row, list):
        return {"features": row}
    return {name: value for name, value in row.items() if name != "record_id"}


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
