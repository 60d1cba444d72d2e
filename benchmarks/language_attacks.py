"""Attacks on small language models: `python -m benchmarks.language_attacks [--quick]` (about three CPU minutes).

Three seeds of made authors, weights and retrained controls. Which attack, at which budget, tells what a model holds
from what it can be made to say? And what is left in models that were made to forget? Nothing is judged here.
"""

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from statistics import mean
from typing import Any

from benchmarks import machine, timing
from benchmarks.pages import save_picture, table, write

SEEDS, AUTHORS, QUESTIONS = (0, 1, 2), 10, 8
TRAINING = {"epochs": 80, "batch": 16, "lr": 3e-3, "weight_decay": 0.01, "template": "plain", "until_nll": 0.03}
SOFT = (1, 2, 4)
UNTOUCHED, STRANGERS, RETRAINED = "untouched", "untouched, never-seen rows", "retrained"
FEW = (UNTOUCHED, STRANGERS, RETRAINED, "silenced")
SUBJECTS = (UNTOUCHED, STRANGERS, RETRAINED, "retrained, never-seen rows", "silenced", "npo", "rmu")
Rates = dict[str, dict[str, float]]  # by attack, by subject


@dataclass(frozen=True)
class World:
    """One seed: the models by name, and encoded rows."""

    models: dict[str, Any]
    deleted: list[Any]
    unseen: list[Any]
    retained: list[Any]


def world(seed: int) -> World:
    """Train the original and its control, and make copies of it forget."""
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
    models["silenced"] = silenced(original, encoded(forget), encoded(retain[:24]))
    for method in ("npo", "rmu"):
        models[method] = unlearn(original, forget, retain, holdout[8:], method=method, seed=seed).lm
    return World(models, encoded(forget), encoded(holdout[:8]), encoded(retain))


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
    """(subject, model, rows)."""
    return [
        (subject, one.models[subject.split(",")[0]], one.unseen if "never-seen" in subject else one.deleted)
        for subject in SUBJECTS
    ]


def searched(one: World, *, seed: int) -> Rates:
    """Soft prompts, on texts of equal length; once more with the search shown half of each answer."""
    from unlearning.verification.language.attacks.alike import alike
    from unlearning.verification.language.attacks.soft import Softness, soft_bits
    from unlearning.verification.language.attacks.triggers import Aim, template_tail

    deleted, unseen = alike(one.deleted, one.unseen)
    same = replace(one, deleted=deleted, unseen=unseen)
    lm = one.models[UNTOUCHED]
    common = {"tail": template_tail(lm.tokenizer, "plain"), "batch": 256, "seed": seed}
    tried: dict[str, Callable[..., list[int]]] = {}
    for tokens in SOFT:
        soft = partial(soft_bits, tokens=tokens, how=Softness(), **common)
        tried[f"soft {tokens}"] = partial(soft, aim=Aim())
    tried[f"soft {tokens}, shown half"] = partial(soft, aim=Aim(share=0.5))
    return {
        name: {
            subject: mean(attack(lm.model, rows))
            for subject, lm, rows in asked(same)
            if subject in FEW or "half" not in name
        }
        for name, attack in tried.items()
    }


def other(one: World, *, seed: int) -> Rates:
    """Just asking, relearning and rounding."""
    from unlearning.verification.language.attacks.quantising import quantised
    from unlearning.verification.language.attacks.relearning import (
        Lesson,
        extracted,
        relearned,
        steps_on,
        taught_copy,
    )

    how, lesson = {"opened": 0.5, "batch": 256}, Lesson()

    def after(model: Any, rows: Sequence[Any], taught: Sequence[Any]) -> list[int]:
        return extracted(taught_copy(model, steps_on(taught, lesson, seed=seed), lr=lesson.lr), rows, **how)

    tried: dict[str, Callable[[Any, Sequence[Any]], list[int]]] = {
        "just asked": lambda lm, rows: extracted(lm.model, rows, **how),
        "relearning 5 rows": lambda lm, rows: relearned(lm.model, rows, records=5, lesson=lesson, seed=seed, **how),
        "40 retain-only steps": lambda lm, rows: after(lm.model, rows, one.retained),
        "int8": lambda lm, rows: extracted(quantised(lm, bits=8).model, rows, **how),
        "int4": lambda lm, rows: extracted(quantised(lm, bits=4).model, rows, **how),
    }
    return {
        name: {
            subject: mean(attack(lm, rows))
            for subject, lm, rows in asked(one)
            if "never-seen" not in subject or name == "just asked"
        }
        for name, attack in tried.items()
    }


def page(found: list[Rates], *, cpu_s: float, load: str) -> str:
    """Tables of rates, a figure per seed."""
    names = list(found[0])
    rows = [
        [name, *(" / ".join(f"{one[name][s]:.2f}" if s in one[name] else "-" for one in found) for s in SUBJECTS)]
        for name in names
    ]
    about = f"{machine.described(load_before=load)} {machine.versions('torch', 'transformers')}."
    return f"""# Attacks on small language models

`python -m benchmarks.language_attacks`. Preset ci (96 wide, 3 layers, 1,024 tokens), eight rows of one of ten made
authors deleted, eight rows of others never seen, answers of equal length (6 to 11 tokens). Seeds in turn:
{len(found)}; each has its own authors, weights and one retrained control. A row counts where at least the last half of
its answer follows by arg-max. *silenced* is a few steps of gradient difference, ended when nothing was said any more;
npo and rmu are the engine's own, at its defaults. {about} {cpu_s:.0f} CPU s in all.

{table(["attack, tokens", *SUBJECTS], rows)}

![What comes back, by tokens of a soft prompt](language-attacks.png)

"shown half": the search saw half of each answer, and half of the rest had to follow. An attack is used at a budget
where the untouched model gives at least .90 and never-seen rows of the controls stay below .10 (decision 0030).
Eight rows a seed: one row is .12. Small models trained from nothing; nothing here says how pre-trained ones fare.
"""


def draw(found: list[Rates]) -> None:
    """The soft ladder: means over seeds."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6, 3.2))
    for subject in SUBJECTS:
        axes.plot(SOFT, [mean(one[f"soft {n}"][subject] for one in found) for n in SOFT], marker="o", label=subject)
    axes.axhline(0.9, color="grey", linewidth=0.6)
    axes.axhline(0.1, color="grey", linewidth=0.6)
    axes.set(xlabel="tokens of the soft prompt", ylabel="rows recovered", xticks=SOFT, ylim=(-0.03, 1.03))
    axes.legend(fontsize=7, frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
    save_picture(figure, "language-attacks.png")
    pyplot.close(figure)


def main() -> None:
    quick, load, began = "--quick" in sys.argv[1:], machine.load(), time.process_time()
    timing.one_thread()
    found: list[Rates] = []
    for seed in SEEDS[: 1 if quick else None]:
        one = world(seed)
        found.append({**other(one, seed=seed), **searched(one, seed=seed)})
        for name, rates in found[-1].items():
            print(seed, name, {subject: round(rate, 2) for subject, rate in rates.items()}, flush=True)
        if not quick:
            # After each seed: a long run that is stopped has measured something all the same.
            write("language-attacks.md", page(found, cpu_s=time.process_time() - began, load=load))
            draw(found)


if __name__ == "__main__":
    main()
