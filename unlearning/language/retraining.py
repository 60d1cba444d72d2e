"""Training some adapters anew on what is left of their groups: retraining for a share of its price.

Each adapter is trained alone, all others off, from the same seed on a base that stays as it is. So a training without
the rows gives every other adapter the very weights that it has, and only those that learned the rows must be trained
again. This is exact retraining of shards (SISA, Bourtoule et al. 2021, arXiv 1912.03817) with adapters for models.
What would not be retraining is refused, as in dropping.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from unlearning.described_weights import write_described
from unlearning.language import packing
from unlearning.language.dropping import Origins, refuse_copies, refuse_inexact, without
from unlearning.language.models import LanguageModel
from unlearning.runner.refusals import Refused
from unlearning.texts import read_texts

# Gives the packed file of the base with the adapters that were trained anew, and no others.
Train = Callable[[], Path]
_RETRAIN = "Retrain the whole model instead."


@dataclass(frozen=True)
class Left:
    """What the adapters learn anew: adapter -> rows of the object `texts`, which holds no row to forget."""

    texts: Path
    parts: Mapping[str, Sequence[int]]


@dataclass(frozen=True)
class Retrained:
    """What was done. adapters: trained anew; emptied: gone, because nothing of their groups is left."""

    adapters: tuple[str, ...]
    emptied: tuple[str, ...]
    staying: tuple[str, ...]
    forgotten_rows: int
    left_rows: int


def retrain_adapters(
    model: Path,
    base: LanguageModel,
    out: Path,
    *,
    adapters: Sequence[str],
    forget: Collection[int],
    texts: Path,
    origins: Origins,
    left: Left,
    train: Train,
) -> Retrained:
    """Write the packed file `model` with these adapters trained anew on the rows that are left of theirs.

    texts: the object whose rows `forget` and `origins` number. train: called once, after everything was checked, and
    only where rows are left.
    Raises: Refused with BASE_ANOTHER, PARTS_UNFIT, RECIPE_ANOTHER, COPY_ELSEWHERE, or a code of `refuse_inexact`, of
    the texts or of the training.
    """
    document, tensors = packing.read(model)
    refuse_inexact(document, tensors, adapters=adapters, forget=forget, origins=origins)
    gone = frozenset(forget)
    refuse_copies(texts, gone, origins.outside(adapters) | origins.inside(adapters) - gone)
    _refuse_other_rows(texts, gone, adapters, origins, left)
    staying, kept = without(document, tensors, adapters)
    _refuse_another_base(without(document, tensors, list(document["adapters"]))[1], base)
    if left.parts:
        fresh, learned = packing.read(train())
        _refuse_another_recipe(fresh["adapters"], document["adapters"], left.parts)
        staying = {**staying, "adapters": {**staying["adapters"], **fresh["adapters"]}}
        kept |= {name: value for name, value in learned.items() if name.startswith("adapter:")}
    out.parent.mkdir(parents=True, exist_ok=True)
    write_described(out, kept, staying)
    emptied, stay = set(adapters) - set(left.parts), set(document["adapters"]) - set(adapters)
    rows = sum(len(rows) for rows in left.parts.values())
    return Retrained(*(tuple(sorted(names)) for names in (left.parts, emptied, stay)), len(gone), rows)


def _refuse_other_rows(
    texts: Path, forget: frozenset[int], adapters: Sequence[str], origins: Origins, left: Left
) -> None:
    """Each adapter learns again all that it had learned but the rows to forget, in the same order."""
    wanted = {name: sorted(origins.adapters[name] - forget) for name in adapters}
    wanted = {name: rows for name, rows in wanted.items() if rows}
    same = set(wanted) == set(left.parts) and all(len(rows) == len(left.parts[name]) for name, rows in wanted.items())
    if same:
        same = all(_words(texts, rows) == _words(left.texts, left.parts[name]) for name, rows in wanted.items())
    if not same:
        raise Refused(
            "PARTS_UNFIT",
            "expected for each of the adapters all rows that it had learned but those to forget; got others.",
            "Take the parts from lineage, in the numbering of the object without the rows.",
        )


def _words(texts: Path, rows: Sequence[int]) -> list[tuple[str, str]]:
    return [(row.prompt, row.answer) for row in read_texts(texts, list(rows))]


def _refuse_another_base(beneath: Mapping[str, Tensor], base: LanguageModel) -> None:
    """What stands under the adapters that stay must be what the new ones are trained on, to the bit."""
    own = packing.own_weights(base.model)
    if own.keys() != beneath.keys() or not all(_equal(own[name], beneath[name]) for name in own):
        raise Refused("BASE_ANOTHER", "expected the base that the model stands on, got another.", _RETRAIN)


def _equal(one: Tensor, other: Tensor) -> bool:
    return one.dtype == other.dtype and torch.equal(one, other)


def _refuse_another_recipe(fresh: Mapping[str, Any], before: Mapping[str, Any], parts: Collection[str]) -> None:
    if any(fresh.get(name) != before[name] for name in parts) or set(fresh) != set(parts):
        raise Refused(
            "RECIPE_ANOTHER", "expected adapters of the rank, alpha and targets they had, got others.", _RETRAIN
        )
