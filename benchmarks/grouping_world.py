"""Sixteen made authors learned by one adapter, or spread over several: for `benchmarks.grouping`."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from statistics import mean
from typing import Any

from benchmarks import timing

timing.one_thread()

import numpy as np  # noqa: E402 - torch's variables first

from unlearning.language.adapters import adapters_of, dropped, use, with_adapter  # noqa: E402
from unlearning.language.authors import made_authors, public_text  # noqa: E402
from unlearning.language.encoding import encode  # noqa: E402
from unlearning.language.models import LanguageModel, fresh_llama  # noqa: E402
from unlearning.language.tokenizers import trained_tokenizer  # noqa: E402
from unlearning.language.training import fit  # noqa: E402
from unlearning.texts import TextRow  # noqa: E402
from unlearning.verification.language import metrics  # noqa: E402
from unlearning.verification.language.answers import answer_scores  # noqa: E402
from unlearning.verification.language.rouge import rouge_l_recall  # noqa: E402
from unlearning.verification.language.speaking import spoken  # noqa: E402

AUTHORS, QUESTIONS = 16, 5
RANK = 8
HOW: dict[str, Any] = {"template": "plain", "most_tokens": 256}


@dataclass(frozen=True)
class Setting:
    """What the base knew before: `others` made people; and how far adapters move. Of both, the epochs and step size."""

    others: int
    base_epochs: int
    until_nll: float
    epochs: int
    lr: float

    @property
    def base(self) -> dict[str, Any]:
        return {"epochs": self.base_epochs, "batch": 16, "lr": 3e-3, "weight_decay": 0.01, "until_nll": self.until_nll}

    @property
    def tuning(self) -> dict[str, Any]:
        return {"epochs": self.epochs, "batch": 8, "lr": self.lr, "weight_decay": 0.01}


SETTINGS = {
    "A base of few people, adapters that move far": Setting(12, 40, 0.4, 50, 5e-3),
    "A base of many more people, adapters that move less": Setting(160, 8, 0.3, 30, 2e-3),
}


@dataclass(frozen=True)
class Known:
    """Means over rows: probability of an answer's token, ROUGE-L recall of what is said, both for paraphrases too."""

    probability: float
    rouge: float
    paraphrased: float
    paraphrased_rouge: float


@dataclass(frozen=True)
class Found:
    """One number of adapters on one seed: all summed, as a model is served; and the probability if it were not.

    own: a row is asked of the adapter alone that learned it. averaged: the adapters' next-token probabilities averaged,
    as SISA does with its shards. shrunk: summed, each by its share, which is their mean. Then what is known after one
    author left, and what it took.
    """

    whole: Known
    own: float
    averaged: float
    shrunk: float
    companions_dropped: float
    others_dropped: float
    others_anew: float
    passes: tuple[int, int, int]
    lost_rows: int


class World:
    """One seed: a base that learned other people, and sixteen authors by number."""

    def __init__(self, seed: int, setting: Setting) -> None:
        self.setting = setting
        people = made_authors(authors=AUTHORS + setting.others, questions=QUESTIONS, seed=seed)
        self.seed, self.people = seed, [list(author.rows) for author in people[:AUTHORS]]
        self.others = flat([list(author.rows) for author in people[AUTHORS:]])
        self.tokenizer = trained_tokenizer(public_text(), vocabulary=1024)
        self.bare = fresh_llama(self.tokenizer, width=96, layers=3, heads=4, seed=seed)
        fit(self.bare, self.others, seed=seed, template="plain", **setting.base)

    def base(self) -> LanguageModel:
        return LanguageModel(deepcopy(self.bare.model), self.tokenizer)

    def learned(self, groups: int) -> LanguageModel:
        """The base with one adapter for each group, as engine language.train makes it."""
        lm = self.base()
        for group in range(groups):
            lm = self.with_group(lm, group, groups, without=None)
        return lm

    def with_group(self, lm: LanguageModel, group: int, groups: int, *, without: int | None) -> LanguageModel:
        """One more adapter, trained with all others off; then all are on."""
        rows = flat([self.people[number] for number in self.group(group, groups) if number != without])
        lm = with_adapter(lm, rank=RANK, seed=self.seed, name=f"house_{group}")
        fit(lm, rows, seed=self.seed, template="plain", **self.setting.tuning)
        use(lm, adapters_of(lm))
        return lm

    def group(self, group: int, groups: int) -> list[int]:
        return [number for number in range(AUTHORS) if number % groups == group]


def flat(rows: Sequence[Sequence[TextRow]]) -> list[TextRow]:
    return [row for part in rows for row in part]


def known(lm: LanguageModel, rows: Sequence[TextRow]) -> Known:
    again = [TextRow(row.slot, row.paraphrase or row.prompt, row.answer) for row in rows]
    return Known(probability(lm, rows), rouge(lm, rows), probability(lm, again), rouge(lm, again))


def probability(lm: LanguageModel, rows: Sequence[TextRow]) -> float:
    """0 of no rows."""
    scored = answer_scores(lm.model, encode(lm.tokenizer, rows, **HOW)) if rows else []
    return mean(metrics.probability(each) for each in scored) if scored else 0.0


def rouge(lm: LanguageModel, rows: Sequence[TextRow]) -> float:
    said = spoken(lm, encode(lm.tokenizer, rows, **HOW), most_new=48, batch=64)
    return mean(rouge_l_recall(row.answer, text) for row, text in zip(rows, said, strict=True))


def apart(lm: LanguageModel, world: World, groups: int) -> tuple[float, float, float]:
    """Probability of each row under its own adapter alone, the average of all predictions, and the mean adapter."""
    own, averaged, names = list[float](), list[float](), adapters_of(lm)
    for group in range(groups):
        rows = flat([world.people[number] for number in world.group(group, groups)])
        logs = []
        for name in names:
            use(lm, [name])
            logs.append([each.logs for each in answer_scores(lm.model, encode(lm.tokenizer, rows, **HOW))])
        own += [float(np.exp(each.mean())) for each in logs[names.index(f"house_{group}")]]
        averaged += [float(np.exp(np.log(np.exp(of_row).mean(axis=0)).mean())) for of_row in zip(*logs, strict=True)]
    use(lm, names)
    scale(lm, 1 / groups)
    shrunk = probability(lm, flat(world.people))
    scale(lm, groups)
    return mean(own), mean(averaged), shrunk


def scale(lm: LanguageModel, factor: float) -> None:
    """How strongly every adapter acts, times a factor."""
    for module in lm.model.modules():
        if isinstance(of_each := getattr(module, "scaling", None), dict):
            of_each.update({name: value * factor for name, value in of_each.items()})


def measured(world: World, groups: int) -> Found:
    """Author 0 asks: the adapter of the group is dropped, and then trained anew without that author's rows."""
    companions = flat([world.people[number] for number in world.group(0, groups) if number != 0])
    strangers = flat([world.people[number] for number in range(AUTHORS) if number % groups])
    lm = world.learned(groups)
    whole, alone = known(lm, flat(world.people)), apart(lm, world, groups)
    lm = dropped(lm, "house_0")
    after = probability(lm, companions), probability(lm, strangers)
    anew = world.with_group(lm, 0, groups, without=0)
    everybody = world.setting.epochs * (AUTHORS - 1) * QUESTIONS
    passes = (0, world.setting.epochs * len(companions), everybody)
    return Found(whole, *alone, *after, probability(anew, [*companions, *strangers]), passes, len(companions))
