"""Sentinels among texts: made authors, drawn as one pool; lots say in secret who is planted and who stays out.

Their style may tell that they are made. It tells nothing of which of them was planted, which is what is asked about.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from governance.errors import Invalid
from governance.lineage.models import Dataset
from governance.lineage.text_file import Text, Texts, write_texts
from governance.lineage.text_uploads import TextUpload
from unlearning.catalog import MOST_MADE_TEXTS, made_people

GENERATOR = "obelus/made-authors/1"
# What every test asks: is the answer known from some of it on, how probable is it, is its loss a member's.
BATTERY: dict[str, list[str]] = {"text": ["text.extraction", "text.probability"], "membership": ["loss"]}
# A threshold that one stranger in ten may pass needs ten strangers.
FEWEST_ROWS = 10
PARTS = ("prompt", "answer", "paraphrase", "restated")


def rows_each(kind: str, dataset: Dataset) -> int:
    return min(dataset.rows_per_subject, MOST_MADE_TEXTS)


def rules(dataset: Dataset, given: dict[str, Any] | None) -> dict[str, Any]:
    """Raises:
    Invalid: bad_constants: there are none to give.
    """
    if given is not None:
        raise Invalid(
            "Texts are drawn from the project's own public words and take no constants.",
            code="bad_constants",
            remedy="Leave `constants` out.",
        )
    return {"battery": BATTERY, "constants": {"generator": GENERATOR}}


def people(kind: str, rules: dict[str, Any], *, count: int, rows_each: int, seed: int) -> list[dict[str, Any]]:
    drawn = made_people(people=count, texts=rows_each, seed=seed)
    return [{"rows": [{**text, "wrong": list(text["wrong"])} for text in texts]} for texts in drawn]


def joined(upload: TextUpload, guests: Sequence[tuple[str, list[str], dict[str, Any]]]) -> TextUpload:
    """With the optional parts that all rows of the upload have, and no other: what only they have would show them."""
    rows = [(name, rid, row) for name, rids, found in guests for rid, row in zip(rids, found["rows"], strict=True)]
    return replace(
        upload,
        record_ids=[*upload.record_ids, *(rid for _, rid, _ in rows)],
        subjects=[*upload.subjects, *(name for name, *_ in rows)],
        texts=[*upload.texts, *(like_theirs(row, upload) for *_, row in rows)],
        planted=[*upload.planted, *[False] * len(rows)],
        guests=len(rows),
    )


def like_theirs(row: dict[str, Any], upload: TextUpload) -> Text:
    has = {name: all(getattr(text, name) for text in upload.texts) for name in ("paraphrase", "restated", "wrong")}
    return replace(
        text_of(row),
        paraphrase=row["paraphrase"] if has["paraphrase"] else None,
        restated=row["restated"] if has["restated"] else None,
        wrong=tuple(row["wrong"]) if has["wrong"] else (),
    )


def text_of(row: dict[str, Any]) -> Text:
    prompt, answer, paraphrase, restated = (row[name] for name in PARTS)
    return Text(prompt, answer, paraphrase, restated, tuple(row["wrong"]))


def stored(members: Sequence[dict[str, Any]]) -> bytes:
    rows = [text_of(row) for each in members for row in each["rows"]]
    return write_texts(Texts(list(range(len(rows))), rows))
