"""The ways to honour a request on the engines themselves: unlearn, and train anew; and the standing attack.

Imports torch: only the sequence of rounds may import this.
"""

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from demo.language.asked import encoded
from demo.language.rounds import RETAIN_STEPS
from demo.language.rules import problem
from unlearning.catalog import with_defaults
from unlearning.language.authors import public_text
from unlearning.language.models import LanguageModel, fresh_llama
from unlearning.language.tokenizers import trained_tokenizer
from unlearning.language.training import BETAS, backward_token_mean, fit
from unlearning.language.unlearning import unlearn
from unlearning.parameters.language import PRESETS
from unlearning.texts import TextRow
from unlearning.verification.language.attacks.relearning import Lesson, steps_on

Rows = Sequence[TextRow]
Told = Callable[[int, int], None]
NAMES = ("epochs", "batch", "lr", "weight_decay", "until_nll", "template", "most_tokens")
SIZES = ("width", "layers", "heads")
LESSON = Lesson(retain_steps=RETAIN_STEPS, batch=8)


def trained(rows: Rows, *, seed: int, told: Told | None = None) -> LanguageModel:
    """The model of the house's problem, on these rows; its vocabulary comes from public words, never from the rows."""
    recipe = with_defaults("language.train", problem())
    sizes = PRESETS[recipe["preset"]]
    tokenizer = trained_tokenizer(public_text(), vocabulary=sizes["vocabulary"])
    lm = fresh_llama(tokenizer, **{name: sizes[name] for name in SIZES}, seed=seed)
    fit(lm, rows, **{name: recipe[name] for name in NAMES}, seed=seed, told=told)
    return lm


def unlearned(
    lm: LanguageModel,
    wanted: Sequence[Rows],
    kept: Rows,
    strangers: Rows,
    *,
    method: str,
    params: Mapping[str, Any],
    seed: int,
) -> LanguageModel:
    """A copy that one method made to forget; several requests share each pass over the kept rows."""
    return unlearn(lm, wanted, kept, strangers, method=method, params=params, seed=seed).lm


def after_retain_steps(lm: LanguageModel, kept: Rows, *, seed: int) -> LanguageModel:
    """A copy after some steps on kept rows alone: what anybody does to a model that they go on using."""
    fresh = copied(lm)
    retain_steps(fresh, kept, seed=seed)
    return fresh


def retain_steps(lm: LanguageModel, kept: Rows, *, seed: int, told: Told | None = None) -> None:
    """The same in place, as the attack `relearning.retain` does it. `told` hears after each step."""
    optimiser = torch.optim.Adam(lm.model.parameters(), lr=LESSON.lr, betas=BETAS)
    lessons = steps_on(encoded(lm, kept), LESSON, seed=seed)
    for step, rows in enumerate(lessons, 1):
        optimiser.zero_grad(set_to_none=True)
        backward_token_mean(lm.model, rows, accumulation=1)
        optimiser.step()
        if told is not None:
            told(step, len(lessons))


def copied(lm: LanguageModel) -> LanguageModel:
    return LanguageModel(copy.deepcopy(lm.model), lm.tokenizer)
