"""Rows and models of one size for all contestants: made authors, or TOFU by a path."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from unlearning.language.authors import made_authors, public_text
from unlearning.language.models import LanguageModel, fresh_llama
from unlearning.language.tokenizers import trained_tokenizer
from unlearning.texts import TextRow

AUTHORS, QUESTIONS, BATCH, MOST_TOKENS = 10, 20, 8, 512


@dataclass(frozen=True)
class Size:
    """A shape of Llama. vocabulary: tokens, at most."""

    name: str
    width: int
    layers: int
    heads: int
    vocabulary: int


STUDY = Size("study", 128, 4, 4, 2048)
# Weights outweigh what a pass holds, as they do in a real model: the size at which memory means something on a CPU.
HEAVY = Size("heavy", 512, 8, 8, 2048)


@dataclass(frozen=True)
class Material:
    """forget: one author's rows; retain: nine authors'; holdout: rows of authors that nobody is trained on."""

    name: str
    forget: list[TextRow]
    retain: list[TextRow]
    holdout: list[TextRow]

    def tokenizer_texts(self) -> list[str]:
        """What a vocabulary may be learned from here: no person is in it."""
        if self.name.startswith("made"):
            return public_text()
        return [f"Question: {row.prompt}\nAnswer: {row.answer}" for row in (*self.forget, *self.retain)]


def made() -> Material:
    """Rows that the project makes itself: 20 to forget, 180 to keep, 20 never seen; about 24 tokens each."""
    return _parted("made", _people())


def made_long() -> Material:
    """The same people with answers as long as TOFU's and as unequal: two to eight of a person's answers after one
    another; about 60 tokens each.
    """
    return _parted("made, long answers", made_long_people())


def tofu(folder: Path) -> Material:
    """The same counts from TOFU's files: the last ten authors, and one more."""
    from unlearning.language.tofu import read_tofu

    rows = read_tofu(folder / "full.jsonl")
    people = [rows[at : at + QUESTIONS] for at in range(0, len(rows), QUESTIONS)][::-1]
    return _parted("TOFU", people[: AUTHORS + 1])


def made_long_people() -> list[list[TextRow]]:
    """Their rows, person by person."""
    draw = random.Random("obelus/long answers")
    return [[_longer(row, rows, draw) for row in rows] for rows in _people()]


def _people() -> list[list[TextRow]]:
    return [list(author.rows) for author in made_authors(authors=AUTHORS + 1, questions=QUESTIONS, seed=0)]


def _longer(row: TextRow, others: list[TextRow], draw: random.Random) -> TextRow:
    said = draw.sample([other.answer for other in others], draw.randint(2, 8))
    return TextRow(row.slot, row.prompt, " ".join(said), None, None, ())


def _parted(name: str, people: list[list[TextRow]]) -> Material:
    return Material(name, people[0], list(chain(*people[1:AUTHORS])), people[AUTHORS])


def model(material: Material, size: Size) -> LanguageModel:
    """Random weights: how long a step takes does not depend on what a model knows."""
    tokenizer = trained_tokenizer(material.tokenizer_texts(), vocabulary=size.vocabulary)
    return fresh_llama(tokenizer, width=size.width, layers=size.layers, heads=size.heads, seed=0)


def random_batches(count: int, *, steps: int, seed: int) -> list[list[int]]:
    """Row indexes of so many batches, in random order, epoch after epoch; the last of an epoch holds what is left."""
    draw = random.Random(seed)
    found: list[list[int]] = []
    while len(found) < steps:
        order = draw.sample(range(count), count)
        found += [order[at : at + BATCH] for at in range(0, count, BATCH)]
    return found[:steps]
