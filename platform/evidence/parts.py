"""The parts of a language model's packed file, each by a digest: the base beneath, and every adapter upon it.

A house records them when weights are made, before anybody asks, as commitments under a secret salt per part
(obelus/parts/1). Not as plain digests: training is seeded, so whoever knows all rows of a group but one could try
texts for that one until the digest of its adapter comes out. With its salt destroyed, a commitment opens to nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import BinaryIO

from evidence.canonical import Json, digest, digest_json
from evidence.commitments import commit
from evidence.packed import header_of

FORMAT = "obelus/parts/1"
BASE = "base"
_ADAPTER = "adapter:"
_CHUNK = 1 << 20


def named(adapter: str) -> str:
    """What the part of an adapter is called."""
    return _ADAPTER + adapter


def contents(file: BinaryIO) -> dict[str, str]:
    """By part a digest of its description and of every tensor's name, type, shape and bytes; read once, in order.

    Raises:
        ValueError, KeyError, TypeError, AttributeError: it is no packed file.
    """
    tensors, told = header_of(file)
    described = {named(name): sizes for name, sizes in told["adapters"].items()}
    described[BASE] = {name: value for name, value in told.items() if name != "adapters"}
    found: dict[str, list[Json]] = {part: [] for part in described}
    for name, entry in sorted(tensors.items(), key=lambda item: item[1]["data_offsets"]):
        line = [name, entry["dtype"], entry["shape"], _digest(file, *entry["data_offsets"])]
        found[part_of(name)].append(line)
    return {
        part: digest_json({"described": _words(described[part]), "tensors": sorted(lines)})
        for part, lines in found.items()
    }


def part_of(tensor: str) -> str:
    """The part that a tensor belongs to, by its name."""
    return named(tensor.split(":")[1]) if tensor.startswith(_ADAPTER) else BASE


def document(found: Mapping[str, str], *, salts: Mapping[str, bytes]) -> Json:
    """obelus/parts/1: each part's commitment under its own 32-byte salt. Raises: as `commit`."""
    lines = [{"part": part, "commitment": commit(key=salts[part], payload=found[part])} for part in sorted(found)]
    return {"format": FORMAT, "parts": lines}


def commitments(parts: Json) -> dict[str, str]:
    """The commitment of each part of a document."""
    return {line["part"]: line["commitment"] for line in parts["parts"]}


def _words(described: Json) -> str:
    """Not canonical JSON, which has no place for the whole numbers beyond 2^53 that tokenizers hold."""
    return digest(json.dumps(described, sort_keys=True, separators=(",", ":")).encode())


def _digest(file: BinaryIO, begin: int, end: int) -> str:
    file.seek(begin)
    hashed, left = hashlib.sha256(), end - begin
    while left > 0:
        chunk = file.read(min(_CHUNK, left))
        if not chunk:
            raise ValueError("expected as many bytes as the header says, found fewer")
        hashed.update(chunk)
        left -= len(chunk)
    return hashed.hexdigest()
