"""Two packed files of a language model (obelus/language/1), compared without loading either: is one the other without
some adapters? For whoever holds both; the old one is destroyed when a case ends."""

from __future__ import annotations

import json
from collections.abc import Collection
from io import SEEK_END
from pathlib import Path
from typing import BinaryIO

from evidence.canonical import Json

_CHUNK = 1 << 20
# What the format of these files allows.
_LONGEST_HEADER = 100_000_000
_OF_A_TENSOR = {"dtype", "shape", "data_offsets"}


def differences_without(old: Path, new: Path, adapters: Collection[str], *, anew: Collection[str] = ()) -> list[str]:
    """What else differs, as sentences that quote no weight; none where `new` is `old` without these adapters.

    anew: those of them that `new` has again, with other weights and the same rank, alpha and targets.
    """
    with old.open("rb") as before, new.open("rb") as after:
        (was, told), (now, tells) = header_of(before), header_of(after)
        staying, now = _without(was, adapters), _without(now, anew)
        found = [f"tensor {name} is in one of them only" for name in sorted(staying.keys() ^ now.keys())]
        for name in sorted(staying.keys() & now.keys()):
            if not _same(before, staying[name], after, now[name]):
                found.append(f"tensor {name} is another")
    kept = {name: sizes for name, sizes in told["adapters"].items() if name not in adapters or name in anew}
    return found if tells == {**told, "adapters": kept} else [*found, "the description is another"]


def _without(tensors: dict[str, Json], adapters: Collection[str]) -> dict[str, Json]:
    gone = tuple(f"adapter:{name}:" for name in adapters)
    return {name: entry for name, entry in tensors.items() if not name.startswith(gone)}


def header_of(file: BinaryIO) -> tuple[dict[str, Json], Json]:
    """Tensors with their places from the file's beginning, and the description; the file holds nothing else.

    Bytes beside the tensors, or a second metadata key, would be of no part, and could be anything: an adapter, say.

    Raises:
        ValueError, KeyError, TypeError, AttributeError: it is no packed file, or holds more than these.
    """
    length = int.from_bytes(file.read(8), "little")
    if length > _LONGEST_HEADER:
        raise ValueError(f"expected a header of at most {_LONGEST_HEADER} bytes, found {length}")
    header = json.loads(file.read(length), object_pairs_hook=_once)
    metadata = header.pop("__metadata__")
    described = json.loads(metadata["obelus"], object_pairs_hook=_once)
    if set(metadata) != {"obelus"} or any(set(entry) != _OF_A_TENSOR for entry in header.values()):
        raise ValueError("expected a description and tensors in the header, found more")
    for entry in header.values():
        entry["data_offsets"] = [8 + length + place for place in entry["data_offsets"]]
    _require_nothing_between(file, header, begin=8 + length)
    return header, described


def _require_nothing_between(file: BinaryIO, tensors: dict[str, Json], *, begin: int) -> None:
    """The tensors lie one after the other, from the header's end to the file's."""
    place = begin
    for first, last in sorted(entry["data_offsets"] for entry in tensors.values()):
        if first != place or last < first:
            raise ValueError("expected each tensor where the one before it ends, found another place")
        place = last
    if file.seek(0, SEEK_END) != place:
        raise ValueError("expected the file to end with its last tensor, found another end")


def _once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    """Of a key that comes twice two readers may take different ones."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("expected each key once in the header, found one twice")
    return found


def _same(before: BinaryIO, was: Json, after: BinaryIO, now: Json) -> bool:
    if (was["dtype"], was["shape"]) != (now["dtype"], now["shape"]):
        return False
    (begin, end), (place, last) = was["data_offsets"], now["data_offsets"]
    if end - begin != last - place:
        return False
    before.seek(begin)
    after.seek(place)
    left = end - begin
    while left:
        size = min(_CHUNK, left)
        if before.read(size) != after.read(size):
            return False
        left -= size
    return True
