"""A run's rows in order: requests apart, encoded, their alternatives named, and every step planned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from unlearning.language.encoding import Encoded, encode, encode_pairs
from unlearning.language.methods import METHODS, Method, Options
from unlearning.language.refusals import refusals_for
from unlearning.language.unlearning_passes import Sides
from unlearning.language.unlearning_plan import Step, digest_of_order, planned
from unlearning.runner.refusals import Refused
from unlearning.texts import TextRow

Rows = Sequence[TextRow]


@dataclass(frozen=True)
class Task:
    """requests: rows of each. order: digest of the planned data order."""

    method: Method
    sides: Sides
    holdout: list[Encoded]
    requests: list[int]
    plan: list[Step]
    order: str


def task_of(tokenizer: Any, forget: Rows | Sequence[Rows], retain: Rows, holdout: Rows, options: Options) -> Task:
    """Everything that a run reads, in order.

    Raises: Refused with NO_ROWS, HOLDOUT_MISSING, ALTERNATIVES_MISSING, REQUESTS_MISCOUNTED or a code of `encode`.
    """
    requests = _requests(forget, options)
    _check(requests, retain, holdout, options)
    method = METHODS[options["method"]]
    rows = [row for request in requests for row in request]
    how: dict[str, Any] = {"template": options["template"], "most_tokens": options["most_tokens"]}
    sides = Sides(
        encode(tokenizer, rows, **how),
        encode_pairs(tokenizer, _alternatives(method, rows, options), **how),
        encode(tokenizer, retain, **how),
    )
    sizes = [len(request) for request in requests]
    plan = planned(
        sides.forget,
        sides.retain,
        requests=sizes,
        **{name: options[name] for name in ("epochs", "batch", "retain_weight", "seed")},
    )
    order = digest_of_order(plan, [row.slot for row in rows], [row.slot for row in retain])
    return Task(method, sides, encode(tokenizer, holdout, **how), sizes, plan, order)


def _requests(forget: Rows | Sequence[Rows], options: Options) -> list[Rows]:
    """The requests apart: as lists, or by the sizes that `requests` gives."""
    if not forget:
        return []
    first = forget[0]
    if not isinstance(first, TextRow):
        return list(forget)  # type: ignore[arg-type] # the element's type says which of the two it is
    rows: list[TextRow] = list(forget)  # type: ignore[arg-type]
    sizes = options.get("requests", [len(rows)])
    if sum(sizes) != len(rows):
        raise Refused("REQUESTS_MISCOUNTED", f"expected {sum(sizes)} rows, got {len(rows)}.", "Make requests add up.")
    return [rows[sum(sizes[:at]) : sum(sizes[: at + 1])] for at in range(len(sizes))]


def _check(requests: list[Rows], retain: Rows, holdout: Rows, options: Options) -> None:
    if not requests or not all(requests) or not retain:
        raise Refused("NO_ROWS", "expected rows to forget and rows to keep, got none of one.", "Name some of both.")
    if options["target"] == "holdout" and not holdout and "target_nll" not in options:
        raise Refused(
            "HOLDOUT_MISSING",
            "expected never-trained rows to aim at, got none.",
            "Give some, or target_nll, or epochs.",
        )


def _alternatives(method: Method, rows: Rows, options: Options) -> list[tuple[str, str]]:
    if "refusals" in method.needs:
        return [(row.prompt, no) for row, no in zip(rows, refusals_for(rows, seed=options["seed"]), strict=True)]
    if "alternatives" not in method.needs:
        return []
    if not all(row.wrong for row in rows):
        raise Refused("ALTERNATIVES_MISSING", "some rows have no other answer.", "Add some, or use idk_dpo.")
    return [(row.prompt, row.wrong[0]) for row in rows]
