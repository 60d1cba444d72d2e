"""The ways to honour a request on the engines themselves: unlearn, and train anew; and the standing attack.

Imports torch: only the sequence of rounds may import this.
"""

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from demo.language.asked import MOST_TOKENS
from demo.language.rounds import RETAIN_STEPS
from unlearning.language.authors import public_text
from unlearning.language.models import LanguageModel, fresh_llama
from unlearning.language.tokenizers import trained_tokenizer
from unlearning.language.training import fit
from unlearning.language.unlearning import unlearn
from unlearning.texts import TextRow

Rows = Sequence[TextRow]
Told = Callable[[int, int], None]
TRAINING: dict[str, Any] = {"epochs": 60, "batch": 16, "lr": 3e-3, "weight_decay": 0.0, "until_nll": 0.03}
RETAIN_BATCH, RETAIN_LR = 8, 1e-3


def trained(rows: Rows, *, seed: int, told: Told | None = None) -> LanguageModel:
    """A small Llama on these rows alone; its vocabulary comes from public words, never from the rows."""
    lm = fresh_llama(trained_tokenizer(public_text(), vocabulary=1024), width=96, layers=3, heads=4, seed=seed)
    fit(lm, rows, **TRAINING, seed=seed, template="plain", most_tokens=MOST_TOKENS, told=told)
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
    """The same in place. `told` hears after each step."""
    wanted = RETAIN_STEPS * RETAIN_BATCH
    rows = [kept[place % len(kept)] for place in range(wanted)]
    fit(
        lm,
        rows,
        epochs=1,
        batch=RETAIN_BATCH,
        lr=RETAIN_LR,
        weight_decay=0.0,
        seed=seed,
        template="plain",
        most_tokens=MOST_TOKENS,
        told=told,
    )


def copied(lm: LanguageModel) -> LanguageModel:
    return LanguageModel(copy.deepcopy(lm.model), lm.tokenizer)
