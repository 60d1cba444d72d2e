"""Whose rows are whose, and by what names, from the rows alone: a job is told which rows go, and nobody's name.

A name is a run of capitalised words that several rows to forget share and rows that stay hardly hold. So it finds no
name in a script without capitals, and none of somebody with one row: of them nothing is asked by two hops.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from unlearning.language.scope.building import build, neighbour
from unlearning.language.scope.forms import IN_SCOPE, ForgetManifest
from unlearning.language.scope.neighbours import nearest
from unlearning.texts import TextRow

SHORTEST = 3  # letters of a part of a name that is hidden by itself
ENDS = ".,;:?!"


@dataclass(frozen=True)
class Person:
    """Rows that belong together, and every name that they use."""

    rows: tuple[TextRow, ...]
    aliases: tuple[str, ...]


def manifest_of_batch(
    rows: Sequence[TextRow], *, staying: Sequence[TextRow], neighbours: int, kinds: Sequence[str] = IN_SCOPE
) -> ForgetManifest:
    """One manifest for all people of a batch, to be asked and never written: it has no request, no key, no index.

    rows, staying: of distinct slots. Raises: Refused with a code of `build`.
    """
    people = people_of(rows, staying)
    blank = {"request": "", "subject": ""}
    made = [build(one.rows, staying=(), aliases=one.aliases, kinds=kinds, **blank) for one in people]
    aliases = tuple(dict.fromkeys(alias for one in people for alias in one.aliases))
    near = nearest(rows, staying, most=neighbours, aliases=aliases) if neighbours else []
    return ForgetManifest(
        purpose="privacy",
        rows={"texts": tuple(sorted(row.slot for row in rows))},
        aliases=aliases,
        in_scope=tuple(probe for one in made for probe in one.in_scope),
        out_of_scope=tuple(map(neighbour, near)),
        **blank,
    )


def numbered(rows: Sequence[TextRow], *, first: int) -> list[TextRow]:
    """The rows under slots of their own: those of several inputs may share numbers."""
    return [replace(row, slot=first + at) for at, row in enumerate(rows)]


def people_of(rows: Sequence[TextRow], staying: Sequence[TextRow]) -> list[Person]:
    """The rows by person: the name that most of them share takes its rows first; who is left stands alone."""
    told = [plain(row) for row in rows]
    names = telling(rows, told, [plain(row) for row in staying])
    left, found = dict(enumerate(rows)), []
    while names:
        own = {name: [at for at in left if padded(name) in told[at]] for name in names}
        # One word may be a place or a month, so whole names come first; then the one that takes most rows.
        best = max(names, key=lambda name: (len(own[name]) > 1 and " " in name, len(own[name]), len(name.split())))
        if len(own[best]) < 2:
            break
        found.append(Person(tuple(left.pop(at) for at in own[best]), aliases_of(best)))
        names = [name for name in names if name != best and len(own[name]) > 1]
    return [*found, *(Person((row,), ()) for row in left.values())]


def telling(rows: Sequence[TextRow], told: Sequence[str], staying: Sequence[str]) -> list[str]:
    """Runs of capitalised words in two rows or more, at least twice as common there as in rows that stay."""
    runs = dict.fromkeys(name for row in rows for text in (row.prompt, row.answer) for name in capitalised(text))
    found = []
    for name in runs:
        own = sum(padded(name) in text for text in told)
        if own > 1 and 2 * sum(padded(name) in text for text in staying) * len(told) < own * max(1, len(staying)):
            found.append(name)
    return found


def capitalised(text: str) -> Iterator[str]:
    """Runs of words with capitals, each also without its first word, which may only begin a sentence."""
    run: list[str] = []
    for token in [*text.split(), ""]:
        word = token.strip(ENDS + "\"'()[]“”‘’").removesuffix("'s").removesuffix("’s")
        if word[:1].isupper():
            run.append(word)
        if run and (not word[:1].isupper() or token[-1:] in ENDS):
            yield from (" ".join(part) for part in (run, run[1:]) if len("".join(part)) >= SHORTEST)
            run = []


def aliases_of(name: str) -> tuple[str, ...]:
    """The name, and its parts that are long enough to be hidden by themselves."""
    parts = [part for part in name.split() if len(part) >= SHORTEST]
    return tuple(dict.fromkeys((name, *parts)))


def plain(row: TextRow) -> str:
    """Its words between spaces, as they are written: "Love" may be a name where "love" is none."""
    return f" {' '.join(words_of(f'{row.prompt} {row.answer}'))} "


def padded(name: str) -> str:
    return f" {' '.join(words_of(name))} "


def words_of(text: str) -> list[str]:
    """Without punctuation, and without the s of the genitive, which would make another word of a name."""
    bare = (re.sub(r"\W", "", word) for word in re.sub(r"['’]s\b", "", text).split())
    return [word for word in bare if word]
