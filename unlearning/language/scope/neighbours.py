"""Which rows that stay lie nearest to those that go: they are the first to be lost, so they are the ones to ask."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from unlearning.language.scope.templates import bare_words, unnamed, within
from unlearning.texts import TextRow


def nearest(
    rows: Sequence[TextRow], staying: Sequence[TextRow], *, most: int, aliases: Sequence[str] = ()
) -> list[TextRow]:
    """At most so many rows of `staying`, nearest first, by shared words; rare words weigh more, names weigh nothing.

    A row whose answer repeats a forgotten one cannot survive, and one whose prompt holds its answer asks nothing: both
    are left out. Ties go to the lower slot.
    """
    gone = {row.answer for row in rows}
    kept = [row for row in staying if row.answer not in gone and not within(row.answer, row.prompt)]
    words = {row.slot: words_of(row, aliases) for row in kept}
    held = Counter(word for found in words.values() for word in found)
    weight = {word: math.log(1.0 + len(kept) / number) for word, number in held.items()}
    wanted = [words_of(row, aliases) for row in rows]

    def closeness(row: TextRow) -> float:
        own = words[row.slot]
        norm = math.fsum(weight[word] for word in own) or 1.0
        return max((math.fsum(weight[word] for word in sorted(own & theirs)) / norm for theirs in wanted), default=0.0)

    return sorted(kept, key=lambda row: (-closeness(row), row.slot))[:most]


def words_of(row: TextRow, aliases: Sequence[str]) -> frozenset[str]:
    return frozenset(bare_words(unnamed(f"{row.prompt} {row.answer}", aliases)))
