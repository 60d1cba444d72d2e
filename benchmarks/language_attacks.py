"""Attacks on small language models: `python -m benchmarks.language_attacks [--seeds 0 1 2]` (some five CPU minutes).

Three seeds of made authors, weights and retrained controls. Which attack, at which budget, tells what a model holds
from what it can be made to say? And what is left in models that were made to forget? Nothing is judged here. What each
seed gave is kept in language-attacks.json, so that seeds can run one by one.
"""

import argparse
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from statistics import mean
from typing import Any

from benchmarks import machine, timing
from benchmarks.language_attack_words import page, says
from benchmarks.language_attack_world import CONTROLS, FEW, FORGETFUL, SUBJECTS, World, asked, world
from benchmarks.pages import RESULTS, save_picture, write

SEEDS = (0, 1, 2)
SOFT, HARD = (1, 2, 4), (2, 4, 8)
HALF, LONGER = ", shown half", ", searched longer"
LONG_STEPS = 36  # steps of the longer search; the setting has twelve
Bits = dict[str, dict[str, list[int]]]  # a bit for each row, by attack, by subject


def searched(one: World, *, seed: int) -> Bits:
    """Soft prompts and hard suffixes, on texts of equal length; once more with the search shown half of each answer."""
    from unlearning.verification.language.attacks.alike import alike
    from unlearning.verification.language.attacks.triggers import Aim, template_tail

    deleted, unseen = alike(one.deleted, one.unseen)
    same = replace(one, deleted=deleted, unseen=unseen)
    tail = template_tail(one.tokenizer, "plain")
    tried = _searches(one, aim=Aim(), tail=tail, batch=256, seed=seed)
    half = _searches(one, aim=Aim(share=0.5), tail=tail, batch=256, seed=seed)
    last = f"soft {SOFT[-1]}"
    tried[last + HALF] = half[last]
    found: Bits = {}
    for name, attack in tried.items():
        if LONGER not in name or not says(found[name.removesuffix(LONGER)]):
            mine = _subjects(name)
            found[name] = {who: attack(lm.model, rows) for who, lm, rows in asked(same) if who in mine}
    return found


def _subjects(name: str) -> Sequence[str]:
    """All for the soft ladder; a longer search, where the usual one says nothing, is tried on its controls alone."""
    if LONGER in name:
        return CONTROLS
    return SUBJECTS if name.startswith("soft") and HALF not in name else FEW


def _searches(one: World, **common: Any) -> dict[str, Callable[..., list[int]]]:
    from unlearning.verification.language.attacks.soft import Softness, soft_bits
    from unlearning.verification.language.attacks.suffix import Hardness, allowed_tokens, suffix_bits

    allowed_V = allowed_tokens(one.tokenizer, len(one.tokenizer))
    hard = partial(suffix_bits, allowed_V=allowed_V, **common)
    longer = Hardness(steps=LONG_STEPS)
    return {
        **{f"soft {tokens}": partial(soft_bits, tokens=tokens, how=Softness(), **common) for tokens in SOFT},
        **{f"suffix {tokens}": partial(hard, tokens=tokens, how=Hardness()) for tokens in HARD},
        **{f"suffix {tokens}{LONGER}": partial(hard, tokens=tokens, how=longer) for tokens in HARD[1:]},
    }


def other(one: World, *, seed: int) -> Bits:
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
            subject: attack(lm, rows)
            for subject, lm, rows in asked(one)
            if "never-seen" not in subject or name == "just asked"
        }
        for name, attack in tried.items()
    }


def draw(found: Sequence[Mapping[str, Any]]) -> None:
    """The soft ladder: means over seeds."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6, 3.2))
    for subject in SUBJECTS:
        asked_of = [one["bits"] for one in found if subject in one["bits"][f"soft {SOFT[0]}"]]
        if not asked_of:
            continue
        rates = [mean(mean(bits[f"soft {n}"][subject]) for bits in asked_of) for n in SOFT]
        axes.plot(SOFT, rates, marker="o", label=subject)
    axes.axhline(0.9, color="grey", linewidth=0.6)
    axes.axhline(0.1, color="grey", linewidth=0.6)
    axes.set(xlabel="tokens of the soft prompt", ylabel="rows recovered", xticks=SOFT, ylim=(-0.03, 1.03))
    axes.legend(fontsize=7, frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
    save_picture(figure, "language-attacks.png")
    pyplot.close(figure)


def main() -> None:
    """Measure these seeds anew, keep what the others gave, and write page and picture."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.language_attacks", description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="*", default=list(SEEDS), choices=SEEDS)
    parser.add_argument(
        "--forgetful", nargs="*", default=list(FORGETFUL), choices=FORGETFUL, help="none: controls alone"
    )
    asked_for = parser.parse_args()
    timing.one_thread()
    file = RESULTS / "language-attacks.json"
    for seed in asked_for.seeds:
        load, began = machine.load(), time.process_time()
        one = world(seed, forgetful=asked_for.forgetful)
        bits = {**other(one, seed=seed), **searched(one, seed=seed)}
        cpu_s = time.process_time() - began
        # After each seed: a long run that is stopped has measured something all the same.
        kept = json.loads(file.read_text()) if file.exists() else {}
        versions = machine.versions("torch", "transformers")
        kept[str(seed)] = {"bits": bits, "cpu_s": cpu_s, "on": machine.described(load_before=load), "with": versions}
        kept = dict(sorted(kept.items()))
        file.write_text(json.dumps(kept, separators=(",", ":")) + "\n")
        write("language-attacks.md", page(kept, longer=LONG_STEPS))
        draw(list(kept.values()))


if __name__ == "__main__":
    main()
