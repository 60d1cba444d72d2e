"""Made authors: people who do not exist, with questions and answers in the form of TOFU (arXiv 2401.06121).

Everything is drawn from public words and a seed. Rows are short, and an author's facts are that author's alone.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from unlearning.language.author_drawing import MOST_QUESTIONS, names, texts_of
from unlearning.language.author_words import ADJECTIVES, JOBS, KINDS, MONTHS, NOUNS, PLACES_OF, VERBS
from unlearning.runner.refusals import Refused
from unlearning.texts import TextRow

_NOBODIES = 300


@dataclass(frozen=True)
class Author:
    """One made author; the slots of the rows of all authors of one call count from 0."""

    name: str
    rows: tuple[TextRow, ...]


def made_authors(*, authors: int, questions: int, seed: int) -> list[Author]:
    """So many authors with so many questions each; the same seed gives the same, and more authors the same first ones.

    Raises: Refused with TOO_MANY_QUESTIONS.
    """
    if not 1 <= questions <= MOST_QUESTIONS:
        raise Refused("TOO_MANY_QUESTIONS", f"expected 1 to {MOST_QUESTIONS} questions, got {questions}.", "Ask fewer.")
    return [
        Author(name, _rows(name, first=at * questions, questions=questions, seed=seed))
        for at, name in enumerate(names(f"{seed}", authors))
    ]


def public_text() -> list[str]:
    """Texts to learn a vocabulary from: every fixed word of the rows, and made-up names that belong to nobody."""
    nobodies = names("nobody", _NOBODIES)
    asked = [text.format(name=name) for name, kind in zip(nobodies, KINDS * 15, strict=True) for text in kind[1:3]]
    words = [*ADJECTIVES, *NOUNS, *PLACES_OF, *VERBS, *JOBS, *MONTHS]
    lines = [f"Question: {text}\nAnswer: {word}" for text, word in zip(asked, _forever(words), strict=False)]
    draw = random.Random("obelus/public")
    for _ in range(20):
        draw.shuffle(words)
        lines.append(" " + " ".join(words))
    return lines + [" ".join(f"{number}" for number in range(1900, 2000))]


def _rows(name: str, *, first: int, questions: int, seed: int) -> tuple[TextRow, ...]:
    return tuple(
        TextRow(slot, **text) for slot, text in enumerate(texts_of(name, questions=questions, seed=seed), start=first)
    )


def _forever(words: list[str]) -> Iterator[str]:
    while True:
        yield from words
