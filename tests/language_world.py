"""One small memorised language model and its retrained twin, trained once for the whole run of the tests.

`trained()` saw ten made authors with eight questions each (the preset "ci"); `retrained()` saw all but the first.
Copies only: whoever changes a model takes `trained()` or `retrained()`, never what they were copied from.
"""

import copy
import functools

import torch
from safetensors.torch import load_file, save_file

from tests.made_once import made_once
from unlearning.language.authors import Author, made_authors, public_text
from unlearning.language.models import LanguageModel, fresh_llama
from unlearning.language.tokenizers import trained_tokenizer
from unlearning.language.training import fit
from unlearning.texts import TextRow

AUTHORS, QUESTIONS = 10, 8
TRAINING = {"epochs": 80, "batch": 16, "lr": 3e-3, "weight_decay": 0.01, "template": "plain", "until_nll": 0.03}


@functools.cache
def authors() -> tuple[Author, ...]:
    """Ten that are trained on, of whom the first asks to be forgotten, and ten that nobody ever trains on."""
    return tuple(made_authors(authors=2 * AUTHORS, questions=QUESTIONS, seed=0))


def forget() -> list[TextRow]:
    """Rows of the author who asks (8)."""
    return list(authors()[0].rows)


def retain() -> list[TextRow]:
    """Rows of the nine others (72)."""
    return [row for author in authors()[1:AUTHORS] for row in author.rows]


def holdout() -> list[TextRow]:
    """Rows never trained on (80), of ten other authors."""
    return [row for author in authors()[AUTHORS:] for row in author.rows]


@functools.cache
def tokenizer():
    return trained_tokenizer(public_text(), vocabulary=1024)


def untrained(seed: int = 0) -> LanguageModel:
    """The preset "ci" with random weights."""
    return fresh_llama(tokenizer(), width=96, layers=3, heads=4, seed=seed)


def trained() -> LanguageModel:
    """A copy of the model that memorised forget and retain rows."""
    return copied(_trained())


def retrained() -> LanguageModel:
    """A copy of the same training without the forget rows: the gold standard of unlearning."""
    return copied(_retrained())


def copied(lm: LanguageModel) -> LanguageModel:
    return LanguageModel(copy.deepcopy(lm.model), lm.tokenizer)


@functools.cache
def _trained() -> LanguageModel:
    return _known("trained", [*forget(), *retain()])


@functools.cache
def _retrained() -> LanguageModel:
    return _known("retrained", retain())


def _known(name: str, rows: list[TextRow]) -> LanguageModel:
    """The weights that whichever process of the run came first has trained, to the bit."""
    weights = made_once(f"{name}.safetensors", lambda place: save_file(_fitted(rows).model.state_dict(), place))
    lm = untrained()
    lm.model.load_state_dict(load_file(weights))
    return lm


def _fitted(rows: list[TextRow]) -> LanguageModel:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        lm = untrained()
        fit(lm, rows, seed=0, **TRAINING)
        return lm
    finally:
        torch.set_num_threads(threads)
