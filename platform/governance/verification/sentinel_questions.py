"""What a release is asked about sentinels, by the engine that trained it: with which attack, and how it is read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from evidence.unproved_families import LANGUAGE
from governance.jobs.recipe_plans import as_trained
from governance.lineage.models import Checkpoint
from governance.verification.sentinel_findings import GROUPS, Question
from governance.verification.sentinel_groups import YARDSTICK, Layout
from governance.verification.sentinel_models import SentinelSet

INPUT = "rows"
Lines = list[dict[str, Any]]
LABEL = "canary.uma."
NEAR = "canary.membership.loss.near"
TEXT = ("canary.text.extraction", "canary.text.probability")


@dataclass(frozen=True)
class Asked:
    """engine: of the attack. params, manifests: of its job. read: its open lines as questions with a bit for each row.

    first: what the first question means. yardstick: how many twins set a threshold instead of being asked about.
    """

    engine: str
    params: Callable[[SentinelSet, Checkpoint], dict[str, Any]]
    manifests: Callable[[Layout], dict[str, dict[str, list[int]]]]
    read: Callable[[Lines], Iterator[tuple[Question, list[int]]]]
    first: str = "Label given without any change"
    yardstick: Callable[[SentinelSet], int] = lambda row: 0


def for_labels(row: SentinelSet, checkpoint: Checkpoint) -> dict[str, Any]:
    return {"budgets": row.body["budgets"], "norm": "l2", "target": "label_only", "seed": 0}


def for_networks(row: SentinelSet, checkpoint: Checkpoint) -> dict[str, Any]:
    return {**for_labels(row, checkpoint), "references": "none"}


def label_rows(layout: Layout) -> dict[str, dict[str, list[int]]]:
    return {"canaries": {INPUT: layout.places(*GROUPS)}, "holdout": {INPUT: layout.places("never_planted")}}


def labels(lines: Lines) -> Iterator[tuple[Question, list[int]]]:
    found = {float(line["budget"]): line["per_record"] for line in lines if is_of(line, LABEL)}
    yield from (({"budget": budget}, found[budget]) for budget in sorted(found))


def is_of(line: dict[str, Any], name: str) -> bool:
    return line["arm"] == "A" and line["budget"] is not None and line["name"].startswith(name)


def for_texts(row: SentinelSet, checkpoint: Checkpoint) -> dict[str, Any]:
    """The battery that was committed to; the useful-still question is left at one row and one word, and not read."""
    how = as_trained(LANGUAGE, checkpoint.model.problem)
    least = {"references": "none", "kept_rows": 1, "most_new": 1, "seed": 0}
    return {**row.body["battery"], **how, **least}


def text_rows(layout: Layout) -> dict[str, dict[str, list[int]]]:
    """Strangers that set the threshold of membership are no controls: both would not be drawn alike any more."""
    asked = layout.places(*GROUPS)
    return {"canaries": {INPUT: asked}, "holdout": {INPUT: layout.places(YARDSTICK)}, "retain": {INPUT: asked[:1]}}


def text_scores(lines: Lines) -> Iterator[tuple[Question, list[int]]]:
    """Membership first, at the largest share of strangers: it needs no scale. Then scores, the mildest first."""
    for name in (NEAR, *TEXT):
        found = [line for line in lines if is_of(line, name)]
        for line in sorted(found, key=lambda line: float(line["budget"]), reverse=name == NEAR):
            question = {"battery": name.removeprefix("canary."), "budget": float(line["budget"])}
            yield question, line["per_record"]


def half_of_the_twins(row: SentinelSet) -> int:
    return int(row.body["count"])


LINEAR = Asked("verify.linear", for_labels, label_rows, labels)
QUESTIONS = {
    "certified.train": LINEAR,
    "train.plain": LINEAR,
    "classifier.train": Asked("verify.network", for_networks, label_rows, labels),
    LANGUAGE.trains: Asked(
        LANGUAGE.attacks,
        for_texts,
        text_rows,
        text_scores,
        first="Most answers less surprising than nine in ten strangers' of the same make",
        yardstick=half_of_the_twins,
    ),
}


def of_engine(attack: str) -> Asked:
    """How what this attack measured is read."""
    return next(asked for asked in QUESTIONS.values() if asked.engine == attack)
