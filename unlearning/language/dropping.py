"""Dropping an adapter: what was trained into it alone is gone with it, exactly.

Adapters are trained with all others off on weights that stay as they are (see one_training), so a file without one is
byte for byte the file that never had it. That is retraining without the rows only if nothing that stays saw them:
neither the model underneath nor another adapter, nor a copy of their texts under another number. Each of these is
refused, not mended. What was trained on what is told by lineage; the file itself cannot say it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from unlearning.described_weights import write_described
from unlearning.language import packing
from unlearning.runner.refusals import Refused
from unlearning.texts import TextRow, read_texts

_CLIMB = "Retrain, or unlearn approximately."


@dataclass(frozen=True)
class Origins:
    """Rows of one text object that each part of a model was trained on, by index, as lineage tells."""

    base: frozenset[int]
    adapters: Mapping[str, frozenset[int]]

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Origins:
        """From the parameter `origins`."""
        return cls(frozenset(told["base"]), {name: frozenset(rows) for name, rows in told["adapters"].items()})

    def outside(self, gone: Collection[str]) -> frozenset[int]:
        """Rows that something was trained on which stays when these adapters go."""
        staying = [rows for name, rows in self.adapters.items() if name not in gone]
        return self.base.union(*staying)

    def inside(self, gone: Collection[str]) -> frozenset[int]:
        """Rows that these adapters were trained on."""
        return frozenset().union(*(self.adapters[name] for name in gone))


@dataclass(frozen=True)
class Dropped:
    """What was done. lost_rows: rows of the dropped adapters that nobody asked to forget; they are gone too."""

    adapters: tuple[str, ...]
    staying: tuple[str, ...]
    forgotten_rows: int
    lost_rows: int


def drop(
    model: Path,
    out: Path,
    *,
    adapters: Sequence[str],
    forget: Collection[int],
    texts: Path,
    origins: Origins,
) -> Dropped:
    """Write the packed file `model` without these adapters to `out`, if that forgets the rows `forget` exactly.

    texts: the text object whose rows `forget` and `origins` number. Only then may the rung `retrained` be claimed.
    Raises: Refused with ADAPTER_UNKNOWN, ORIGIN_UNTOLD, ROWS_UNTOLD, ROWS_ELSEWHERE, COPY_ELSEWHERE,
    NO_ROWS, MODEL_UNREADABLE or a code of the texts.
    """
    document, tensors = packing.read(model)
    refuse_inexact(document, tensors, adapters=adapters, forget=forget, origins=origins)
    refuse_copies(texts, frozenset(forget), origins.outside(adapters))
    out.parent.mkdir(parents=True, exist_ok=True)
    _write_without(out, document, tensors, adapters)
    lost = origins.inside(adapters) - frozenset(forget) - origins.outside(adapters)
    staying = set(document["adapters"]) - set(adapters)
    return Dropped(tuple(sorted(adapters)), tuple(sorted(staying)), len(set(forget)), len(lost))


def refuse_inexact(
    document: Mapping[str, Any],
    tensors: Mapping[str, Tensor],
    *,
    adapters: Sequence[str],
    forget: Collection[int],
    origins: Origins,
) -> None:
    """Refuse where something other than these adapters saw a row to forget, or might have.

    document, tensors: of the packed file that holds the adapters. Copies of the rows are refused apart.
    Raises: Refused with ADAPTER_UNKNOWN, ORIGIN_UNTOLD, ROWS_UNTOLD, ROWS_ELSEWHERE, NO_ROWS or MODEL_UNREADABLE.
    """
    there = set(document["adapters"])
    _refuse_stowaways(tensors, there)
    _refuse_unknown(adapters, there, origins)
    _refuse_elsewhere(frozenset(forget), adapters, origins)


def _refuse_stowaways(tensors: Mapping[str, Tensor], there: set[str]) -> None:
    """Tensors of an adapter that the file does not name would stay, whatever they hold."""
    if any(name.startswith("adapter:") and name.split(":")[1] not in there for name in tensors):
        raise Refused(
            "MODEL_UNREADABLE", "expected weights of the named adapters only, got others.", "Write the file anew."
        )


def _refuse_unknown(adapters: Sequence[str], there: set[str], origins: Origins) -> None:
    if missing := set(adapters) - there:
        raise Refused(
            "ADAPTER_UNKNOWN",
            f"expected adapters of the model, {len(missing)} of those named are none.",
            "Name adapters that the file holds.",
        )
    if set(origins.adapters) != there:
        raise Refused(
            "ORIGIN_UNTOLD",
            f"expected the rows of each of {len(there)} adapters and no other, got those of {len(origins.adapters)}.",
            "Tell what every part was trained on: one that is not told might have seen the rows.",
        )


def _refuse_elsewhere(forget: frozenset[int], adapters: Sequence[str], origins: Origins) -> None:
    if not forget:
        raise Refused("NO_ROWS", "expected at least one row to forget, got none.", "Name the rows in the manifest.")
    if untold := forget - origins.inside(adapters) - origins.outside(adapters):
        raise Refused(
            "ROWS_UNTOLD",
            f"{len(untold)} of {len(forget)} rows were in no part, so far as was told.",
            "Complete what lineage tells, or leave out rows that the model never saw.",
        )
    if elsewhere := forget & origins.outside(adapters):
        where = "the model underneath" if forget & origins.base else "another adapter"
        raise Refused(
            "ROWS_ELSEWHERE",
            f"{len(elsewhere)} of {len(forget)} rows were also in {where}, which stays.",
            f"Name that adapter too if it is one. {_CLIMB}",
        )


def refuse_copies(texts: Path, forget: frozenset[int], outside: frozenset[int]) -> None:
    """The same words under another number were learned all the same.

    outside: rows that something is or was trained on which stays. Raises: Refused with COPY_ELSEWHERE.
    """
    if not outside:
        return
    gone = {_words(row) for row in read_texts(texts, sorted(forget))}
    copies = sum(_words(row) in gone for row in read_texts(texts, sorted(outside)))
    if copies:
        raise Refused(
            "COPY_ELSEWHERE",
            f"{copies} rows that stay say word for word what is to be forgotten.",
            f"Add them to the request if they are the same person's. {_CLIMB}",
        )


def _words(row: TextRow) -> tuple[str, str]:
    return " ".join(row.prompt.split()).casefold(), " ".join(row.answer.split()).casefold()


def _write_without(
    out: Path, document: Mapping[str, Any], tensors: Mapping[str, Tensor], adapters: Sequence[str]
) -> None:
    """As packing writes: from the file's own tensors, for a detour over a model would round what is not float32."""
    staying, kept = without(document, tensors, adapters)
    write_described(out, kept, staying)


def without(
    document: Mapping[str, Any], tensors: Mapping[str, Tensor], adapters: Sequence[str]
) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Description and tensors of a packed file as if it had never had these adapters."""
    staying = {name: sizes for name, sizes in document["adapters"].items() if name not in adapters}
    prefixes = tuple(f"adapter:{name}:" for name in adapters)
    kept = {name: value for name, value in tensors.items() if not name.startswith(prefixes)}
    return {**document, "adapters": staying}, kept
