"""Three models of the same rows, for a comparison of metrics: untouched, unlearned, retrained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from unlearning.texts import TextRow

UNTOUCHED, UNLEARNED, RETRAINED = "untouched", "unlearned", "retrained"
# Beside which other model the reference attack sees each: one that is not itself.
REFERENCES = {UNTOUCHED: RETRAINED, UNLEARNED: RETRAINED, RETRAINED: UNLEARNED}
FORGET, KEPT, STRANGERS, QUESTIONS = 2, 4, 4, 20  # authors, and rows of each
RECIPE = {"epochs": 60, "batch": 16, "lr": 1.5e-3, "weight_decay": 0.01, "template": "plain", "until_nll": 0.05}


@dataclass(frozen=True)
class Rows:
    """forget, retain: what was trained on. holdout: for membership, as many as to forget; target: for the method's
    stop. real, world: questions of general knowledge with wrong answers; nothing was trained on the last four.
    """

    name: str
    forget: list[TextRow]
    retain: list[TextRow]
    holdout: list[TextRow]
    target: list[TextRow]
    real: list[TextRow]
    world: list[TextRow]

    def splits(self) -> dict[str, list[TextRow]]:
        """By the names that TOFU gives them."""
        forget = {"forget10": self.forget, "forget10_perturbed": self.forget, "retain_perturbed": self.retain}
        general = {"real_authors_perturbed": self.real, "world_facts_perturbed": self.world}
        return {**forget, **general, "holdout10": self.holdout}


def made() -> Rows:
    """Rows that the project makes; authors whom nobody trained on stand in for general knowledge."""
    from unlearning.language.authors import made_authors

    everyone = FORGET + KEPT + STRANGERS + 2
    people = [list(one.rows) for one in made_authors(authors=everyone, questions=QUESTIONS, seed=0)]
    return _parted("made", people, real=_asked_plainly(people[-2]), world=_asked_plainly(people[-1]))


def tofu(folder: Path) -> Rows:
    """TOFU's last authors, which come with restated and wrong answers, and its two sets of general knowledge."""
    from unlearning.language.tofu import read_tofu

    rows = read_tofu(folder / "forget10_perturbed.jsonl")
    people = [rows[at : at + QUESTIONS] for at in range(0, len(rows), QUESTIONS)]
    general = (read_tofu(folder / f"{name}_perturbed.jsonl") for name in ("real_authors", "world_facts"))
    real, world = general
    return _parted("TOFU", people, real=real, world=world)


def models(rows: Rows) -> dict[str, Any]:
    """Trained from random weights here; unlearned by the engine's NPO at its defaults."""
    from unlearning.language.unlearning import unlearn

    untouched, retrained = (_trained(rows, seed=seed, all_of_them=seed == 0) for seed in (0, 100))
    done = unlearn(untouched, rows.forget, rows.retain, rows.target, method="npo", seed=0)
    return {UNTOUCHED: untouched, UNLEARNED: done.lm, RETRAINED: retrained}


def _trained(rows: Rows, *, seed: int, all_of_them: bool) -> Any:
    from unlearning.language.authors import public_text
    from unlearning.language.models import fresh_llama
    from unlearning.language.tokenizers import trained_tokenizer
    from unlearning.language.training import fit

    everything = [*rows.forget, *rows.retain]
    real = rows.name == "TOFU"
    texts = [f"Question: {row.prompt}\nAnswer: {row.answer}" for row in everything] if real else public_text()
    lm = fresh_llama(trained_tokenizer(texts, vocabulary=2048), width=128, layers=4, heads=4, seed=seed)
    fit(lm, everything if all_of_them else rows.retain, seed=seed, **RECIPE)  # type: ignore[arg-type]
    return lm


def _parted(name: str, people: Sequence[list[TextRow]], *, real: list[TextRow], world: list[TextRow]) -> Rows:
    parts, at = [], 0
    for authors in (FORGET, KEPT, FORGET, STRANGERS - FORGET):
        parts.append(list(chain(*people[at : at + authors])))
        at += authors
    return Rows(name, *parts, real=real, world=world)


def _asked_plainly(rows: Sequence[TextRow]) -> list[TextRow]:
    """Without restated answers: the peer compares the wrong answers to general questions with the answer itself."""
    return [replace(row, restated=None) for row in rows]
