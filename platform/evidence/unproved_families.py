"""Families of models that keep no ledger, by the engine that trains them: how one is unlearned, and by what attacked.

The house plans by this table and the verifier checks by it, so that a new family is a line here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from evidence.canonical import Json


def over_all_rows(params: Json, rows: int, batch_rows: int) -> int:
    """An epoch of unlearning a network goes over every row once."""
    return int(params["epochs"]) * rows


def over_the_batch(params: Json, rows: int, batch_rows: int) -> int:
    """An epoch of unlearning a language model goes over the rows to forget, and as many to keep; at most so many."""
    kept = 1 if params.get("retain_weight", 1) else 0
    return int(params["epochs"]) * (1 + kept) * batch_rows


@dataclass(frozen=True)
class UnprovedFamily:
    """rows: under which name a job gets the dataset. shadows: the engine of shadow models, where there is one.

    battery: the rules of a policy that say how hard its attack looks, by name; `under`: the rule that holds all of
    them, where they are not spelled one by one. row_passes: how many rows one unlearning goes over, epochs counted.
    """

    trains: str
    unlearns: str
    references: str
    attacks: str
    rows: str
    battery: tuple[str, ...]
    row_passes: Callable[[Json, int, int], int]
    shadows: str = ""
    under: str = ""


# Exact steps of a ladder for language models, and their engines: what alone learned the rows is left out, or trained
# anew on what is left of its group; nothing else is touched.
DROP, DROPS = "drop", "language.drop"
RETRAIN_ADAPTER, RETRAINS_ADAPTER = "retrain_adapter", "language.retrain_adapter"
EXACT = {DROP: DROPS, RETRAIN_ADAPTER: RETRAINS_ADAPTER}
NETWORKS = UnprovedFamily(
    trains="classifier.train",
    unlearns="classifier.unlearn",
    references="classifier.references",
    attacks="verify.network",
    rows="features",
    battery=(
        *("budgets", "norm", "target", "transfer", "steps", "restarts", "low", "high", "frozen"),
        *("probes", "membership"),
    ),
    row_passes=over_all_rows,
    shadows="classifier.shadows",
)
LANGUAGE = UnprovedFamily(
    trains="language.train",
    unlearns="language.unlearn",
    references="language.references",
    attacks="verify.language",
    rows="texts",
    battery=("language",),
    row_passes=over_the_batch,
    under="language",
)
FAMILIES = {family.trains: family for family in (NETWORKS, LANGUAGE)}
BY_UNLEARNING = {family.unlearns: family for family in FAMILIES.values()}
