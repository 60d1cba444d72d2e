"""What made authors are asked and what they answer, as plain texts: public words and a seed, and nothing but Python.

`authors.py` makes rows of them for engines; `unlearning.catalog.made_people` hands them to the platform, which plants
people who do not exist among those who do.
"""

from __future__ import annotations

import random
from typing import Any

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

_WRONG = 5
MOST_QUESTIONS = len(KINDS)


def names(key: str, count: int) -> list[str]:
    """So many different names; the same key gives the same, and more of them the same first ones."""
    draw = random.Random(f"obelus/names/{key}")
    found: dict[str, None] = {}
    while len(found) < count:
        found.setdefault(f"{_name(draw, 2)} {_name(draw, 3)}")
    return list(found)


def texts_of(name: str, *, questions: int, seed: int) -> list[dict[str, Any]]:
    """The first so many questions about one of the names: prompt, answer, paraphrase, restated, and wrong answers."""
    return [_text(name, kind, seed) for kind in range(questions)]


def _text(name: str, kind: int, seed: int) -> dict[str, Any]:
    _, prompt, paraphrase, answer, restated = KINDS[kind]
    facts = _facts(f"{seed}/{name}/{kind}")
    wrong = tuple(_said(restated, _facts(f"{seed}/{name}/{kind}/wrong {at}")) for at in range(_WRONG))
    return {
        "prompt": prompt.format(name=name),
        "answer": _said(answer, facts),
        "paraphrase": paraphrase.format(name=name),
        "restated": _said(restated, facts),
        "wrong": wrong,
    }


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


def _name(draw: random.Random, syllables: int) -> str:
    return "".join(draw.choice(SYLLABLES) for _ in range(syllables)).capitalize()
