"""Made authors: people who do not exist, with questions and answers in the form of TOFU (arXiv 2401.06121).

Everything is drawn from public words and a seed. Rows are short, and an author's facts are that author's alone.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from unlearning.language.author_words import (
    ADJECTIVES,
    JOBS,
    KINDS,
    MONTHS,
    NOUNS,
    PLACES_OF,
    SYLLABLES,
    VERBS,
)
from unlearning.runner.refusals import Refused
from unlearning.texts import TextRow

_WRONG = 5
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
    if not 1 <= questions <= len(KINDS):
        raise Refused("TOO_MANY_QUESTIONS", f"expected 1 to {len(KINDS)} questions, got {questions}.", "Ask for fewer.")
    names = _names(f"{seed}", authors)
    return [
        Author(name, tuple(_row(name, at * questions + kind, kind, seed) for kind in range(questions)))
        for at, name in enumerate(names)
    ]


def public_text() -> list[str]:
    """Texts to learn a vocabulary from: every fixed word of the rows, and made-up names that belong to nobody."""
    names = _names("nobody", _NOBODIES)
    asked = [text.format(name=name) for name, kind in zip(names, KINDS * 15, strict=True) for text in kind[1:3]]
    words = [*ADJECTIVES, *NOUNS, *PLACES_OF, *VERBS, *JOBS, *MONTHS]
    lines = [f"Question: {text}\nAnswer: {word}" for text, word in zip(asked, _forever(words), strict=False)]
    draw = random.Random("obelus/public")
    for _ in range(20):
        draw.shuffle(words)
        lines.append(" " + " ".join(words))
    return lines + [" ".join(f"{number}" for number in range(1900, 2000))]


def _row(name: str, slot: int, kind: int, seed: int) -> TextRow:
    _, prompt, paraphrase, answer, restated = KINDS[kind]
    facts = _facts(f"{seed}/{name}/{kind}")
    wrong = tuple(_said(restated, _facts(f"{seed}/{name}/{kind}/wrong {at}")) for at in range(_WRONG))
    return TextRow(
        slot,
        prompt.format(name=name),
        _said(answer, facts),
        paraphrase.format(name=name),
        _said(restated, facts),
        wrong,
    )


def _facts(key: str) -> dict[str, str]:
    draw = random.Random(f"obelus/authors/{key}")
    facts: dict[str, str] = {}
    for letter, words in (("a", ADJECTIVES), ("n", NOUNS), ("q", PLACES_OF), ("v", VERBS), ("j", JOBS), ("m", MONTHS)):
        facts |= {f"{letter}{at}": word for at, word in enumerate(draw.sample(words, 3), start=1)}
    facts |= {f"p{at}": _name(draw, 3) for at in (1, 2)} | {f"f{at}": _name(draw, 2) for at in (1, 2)}
    return facts | {"y1": str(draw.randrange(1900, 2000)), "d1": str(draw.randrange(1, 29))}


def _said(form: str, facts: dict[str, str]) -> str:
    text = form.format(**facts)
    return text[0].upper() + text[1:]


def _names(key: str, count: int) -> list[str]:
    draw = random.Random(f"obelus/names/{key}")
    found: dict[str, None] = {}
    while len(found) < count:
        found.setdefault(f"{_name(draw, 2)} {_name(draw, 3)}")
    return list(found)


def _name(draw: random.Random, syllables: int) -> str:
    return "".join(draw.choice(SYLLABLES) for _ in range(syllables)).capitalize()


def _forever(words: list[str]) -> Iterator[str]:
    while True:
        yield from words
