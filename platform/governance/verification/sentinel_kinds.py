"""What sentinels are in a dataset of each kind: how they are drawn, how they join, and what is asked about them.

The list, its commitment, the secret coin, the errand and the findings are the same for all (decisions 0026, 0040).
Letters: N sentinels, R rows of each.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from governance.lineage.models import Dataset
from governance.verification import sentinel_numbers as numbers
from governance.verification import sentinel_texts as texts

Drawn = dict[str, Any]  # {"rows": R contents, and what all of them share}
Constants = dict[str, Any]


@dataclass(frozen=True)
class SentinelKind:
    """kinds: which may be planted. rules: what is public of the drawing and asked at every test, for the commitment.

    drawn: N people under rules, kind and R, alike in law. joined: an upload with these (identifier, record ids, drawn)
    at its end. stored: the object of a test's rows, each with what its person shares.
    """

    kinds: tuple[str, ...]
    rows_each: Callable[[str, Dataset], int]
    rules: Callable[[Dataset, Constants | None], dict[str, Any]]
    drawn: Callable[..., list[Drawn]]
    joined: Callable[[Any, Sequence[tuple[str, list[str], Drawn]]], Any]
    stored: Callable[[Sequence[Drawn]], bytes]
    fewest_rows: int = 1


def kind_of(dataset: Dataset) -> SentinelKind:
    return KINDS[dataset.kind]


KINDS = {
    "features": SentinelKind(
        kinds=("random", "mislabelled", "person"),
        rows_each=numbers.rows_each,
        rules=numbers.rules,
        drawn=numbers.people,
        joined=numbers.joined,
        stored=numbers.stored,
    ),
    "texts": SentinelKind(
        kinds=("person",),
        rows_each=texts.rows_each,
        rules=texts.rules,
        drawn=texts.people,
        joined=texts.joined,
        stored=texts.stored,
        fewest_rows=texts.FEWEST_ROWS,
    ),
}
