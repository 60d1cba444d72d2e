"""The models that attacks on small language models are tried on: one seed of made authors, weights, and a control."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

AUTHORS, QUESTIONS = 10, 8
TRAINING = {"epochs": 80, "batch": 16, "lr": 3e-3, "weight_decay": 0.01, "template": "plain", "until_nll": 0.03}
UNTOUCHED, STRANGERS = "untouched", "untouched, never-seen rows"
RETRAINED, OTHER_STRANGERS = "retrained", "retrained, never-seen rows"
CONTROLS = (UNTOUCHED, STRANGERS, OTHER_STRANGERS)  # what decides whether a budget says anything
FEW = (*CONTROLS, RETRAINED, "silenced")
FORGETFUL = ("silenced", "npo", "rmu")
SUBJECTS = (UNTOUCHED, STRANGERS, RETRAINED, OTHER_STRANGERS, *FORGETFUL)


@dataclass(frozen=True)
class World:
    """One seed: the models by name, and encoded rows."""

    tokenizer: Any
    models: dict[str, Any]
    deleted: list[Any]
    unseen: list[Any]
    retained: list[Any]


def world(seed: int, *, forgetful: Sequence[str] = FORGETFUL) -> World:
    """Train the original and its control, and make copies of it forget in these ways."""
    from unlearning.language.authors import made_authors, public_text
    from unlearning.language.encoding import encode
    from unlearning.language.models import fresh_llama
    from unlearning.language.tokenizers import trained_tokenizer
    from unlearning.language.training import fit
    from unlearning.language.unlearning import unlearn

    made = made_authors(authors=2 * AUTHORS, questions=QUESTIONS, seed=seed)
    forget, *others = (list(author.rows) for author in made)
    retain, holdout = ([row for rows in part for row in rows] for part in (others[:9], others[9:]))
    tokenizer = trained_tokenizer(public_text(), vocabulary=1024)

    def trained(rows: Sequence[Any], *, seed: int) -> Any:
        lm = fresh_llama(tokenizer, width=96, layers=3, heads=4, seed=seed)
        fit(lm, rows, seed=seed, **TRAINING)
        return lm

    encoded = partial(encode, tokenizer, template="plain", most_tokens=256)
    original = trained([*forget, *retain], seed=seed)
    models = {UNTOUCHED: original, RETRAINED: trained(retain, seed=100 + seed)}
    for way in forgetful:
        if way == "silenced":
            models[way] = silenced(original, encoded(forget), encoded(retain[:24]))
        else:
            models[way] = unlearn(original, forget, retain, holdout[8:], method=way, seed=seed).lm
    return World(tokenizer, models, encoded(forget), encoded(holdout[:8]), encoded(retain))


def silenced(original: Any, away: Sequence[Any], kept: Sequence[Any]) -> Any:
    """A few steps of gradient difference, until nothing is said any more to whoever just asks: no serious method."""
    import copy

    import torch

    from unlearning.language.batching import collated
    from unlearning.language.models import LanguageModel
    from unlearning.language.scoring import answer_nll
    from unlearning.verification.language.attacks.relearning import extracted

    model = copy.deepcopy(original.model)
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(40):
        sums_B, counts_B = answer_nll(model, collated(away))
        kept_B, of_B = answer_nll(model, collated(kept))
        if float(sums_B.detach().sum() / counts_B.sum()) > 4 and not any(extracted(model, away, opened=0.5, batch=64)):
            break
        optimiser.zero_grad(set_to_none=True)
        (kept_B.sum() / of_B.sum() - torch.clamp(sums_B / counts_B, max=8.0).mean()).backward()
        optimiser.step()
    return LanguageModel(model, original.tokenizer)


def asked(one: World) -> list[tuple[str, Any, list[Any]]]:
    """(subject, model, rows), of the models that were made."""
    return [
        (subject, one.models[name], one.unseen if "never-seen" in subject else one.deleted)
        for subject in SUBJECTS
        if (name := subject.split(",")[0]) in one.models
    ]
