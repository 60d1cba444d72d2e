"""Public question-and-answer sets as text rows, read from a path: TOFU, LUME and KnowUnDo, in their own files.

TOFU (arXiv 2401.06121): question, answer, and where there are probes paraphrased_question, paraphrased_answer,
perturbed_answer. LUME (arXiv 2502.15097): id, input, output. KnowUnDo (arXiv 2407.01920): text, labels.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from unlearning.runner.refusals import Refused
from unlearning.texts import TextRow

_TOFU_QUESTIONS = 20  # per author, in the order of the full file and of every forget file
_PROBE = re.compile(r'"?(.+?)"?(?:sc|qa)\d+')
_ANOTHER = "Give a file of TOFU, LUME or KnowUnDo: JSON lines or one JSON list."


@dataclass(frozen=True)
class Imported:
    """Rows of a file in its order, slots from 0, and to whom each belongs: a key of the file, "" where it has none."""

    rows: tuple[TextRow, ...]
    subjects: tuple[str, ...]

    def of(self, subject: str) -> list[TextRow]:
        """The rows of one subject."""
        return [row for row, whose in zip(self.rows, self.subjects, strict=True) if whose == subject]


def imported(path: Path) -> Imported:
    """Read a file, telling the format by its fields. In LUME a subject is one person or document, in TOFU an author.

    Raises: Refused with QUESTIONS_UNREADABLE.
    """
    entries = _entries(path)
    for fields, row, subject in _FORMATS:
        if all(fields <= entry.keys() for entry in entries):
            try:
                rows = tuple(row(slot, entry) for slot, entry in enumerate(entries))
                return Imported(rows, tuple(subject(slot, entry) for slot, entry in enumerate(entries)))
            except (AttributeError, TypeError) as error:
                raise _unreadable("expected texts in the fields, found other things.") from error
    raise _unreadable("expected the fields of a known set in every entry, found others.")


def read_tofu(path: Path) -> list[TextRow]:
    """The rows of any such file. Raises: as `imported`."""
    return list(imported(path).rows)


def refusals(path: Path) -> list[str]:
    """Sentences that decline to answer, one a line, as in TOFU's idontknow file (plain text in spite of its name).

    Raises: Refused with QUESTIONS_UNREADABLE.
    """
    try:
        found = [line.strip() for line in path.read_text("utf-8").splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise _unreadable("expected a text file in UTF-8.") from error
    if not found:
        raise _unreadable("expected at least one sentence, found none.")
    return found


def _tofu(slot: int, entry: Mapping[str, Any]) -> TextRow:
    return TextRow(
        slot,
        entry["question"].strip(),
        entry["answer"].strip(),
        _given(entry.get("paraphrased_question")),
        _given(entry.get("paraphrased_answer")),
        tuple(text.strip() for text in entry.get("perturbed_answer", ())),
    )


def _lume(slot: int, entry: Mapping[str, Any]) -> TextRow:
    return TextRow(slot, entry["input"].strip(), entry["output"].strip())


def _knowundo(slot: int, entry: Mapping[str, Any]) -> TextRow:
    return TextRow(slot, entry["text"].strip(), entry["labels"].strip())


def _author(slot: int, entry: Mapping[str, Any]) -> str:
    return f"author {slot // _TOFU_QUESTIONS}"


def _document(slot: int, entry: Mapping[str, Any]) -> str:
    # '"<uuid>"sc1', '<uuid>qa0' and the like are probes of one document or person.
    found = _PROBE.fullmatch(entry["id"])
    return found[1] if found else str(entry["id"])


def _nobody(slot: int, entry: Mapping[str, Any]) -> str:
    return ""


def _given(text: str | None) -> str | None:
    return text.strip() or None if text is not None else None


_Row = Callable[[int, Mapping[str, Any]], TextRow]
_Subject = Callable[[int, Mapping[str, Any]], str]
_FORMATS: Sequence[tuple[set[str], _Row, _Subject]] = (
    ({"question", "answer"}, _tofu, _author),
    ({"id", "input", "output"}, _lume, _document),
    ({"text", "labels"}, _knowundo, _nobody),
)


def _entries(path: Path) -> list[dict[str, Any]]:
    try:
        text = path.read_text("utf-8")
        if text.lstrip().startswith("["):
            entries = json.loads(text)
        else:
            # Only line feeds end a line here: str.splitlines would also cut at separators inside a text.
            entries = [json.loads(line) for line in text.split("\n") if line.strip()]
    except (OSError, ValueError) as error:
        raise _unreadable("expected JSON lines or one JSON list in UTF-8.") from error
    if not entries or not all(isinstance(entry, dict) for entry in entries):
        raise _unreadable("expected at least one entry, each a JSON object.")
    return list(entries)


def _unreadable(what: str) -> Refused:
    return Refused("QUESTIONS_UNREADABLE", what, _ANOTHER)
