"""One call from rows to a mask: where to unlearn them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from torch import Tensor

from unlearning.language.encoding import Template, encode
from unlearning.language.influence.masks import most_influential
from unlearning.language.influence.scores import influence
from unlearning.language.models import LanguageModel
from unlearning.texts import TextRow

# One backward pass per row: beyond so many of a side, more rows cost time and hardly change which weights lead.
MOST_ROWS = 64
Row = TypeVar("Row")


def chosen_weights(
    lm: LanguageModel,
    forget: Sequence[TextRow],
    retain: Sequence[TextRow],
    *,
    share: float = 0.2,
    template: Template = "plain",
    most_tokens: int = 512,
) -> dict[str, Tensor]:
    """The `share` of the weights that hold most of `forget` beside `retain`: for `unlearn(..., only=...)`.

    At most 64 rows of either side are looked at, evenly spread. Use it where rows to keep cannot all be shown; where
    they are, it did not help (see the package's docstring), and it was measured on a small model only.
    Raises: Refused with NO_ROWS, SHARE_OUT_OF_RANGE or a code of `encode`.
    """
    sides = [
        encode(lm.tokenizer, spread(rows), template=template, most_tokens=most_tokens) for rows in (forget, retain)
    ]
    return most_influential(influence(lm.model, sides[0], sides[1]), share=share)


def spread(rows: Sequence[Row]) -> list[Row]:
    """At most so many of them, evenly spread."""
    if len(rows) <= MOST_ROWS:
        return list(rows)
    return [rows[at * len(rows) // MOST_ROWS] for at in range(MOST_ROWS)]
