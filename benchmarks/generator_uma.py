"""The unlearning-mapping attack on generators: `python -m benchmarks.generator_uma [--quick]` (about two CPU minutes).

Small generators on scikit-learn's digits, three seeds of data and weights, K retrained controls for each. Tables and
two pictures; nothing is judged here.
"""

import sys
import time
from dataclasses import dataclass
from statistics import mean

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import Tensor

from benchmarks import machine, timing
from benchmarks.generator_pictures import draw_inpainting, draw_search
from benchmarks.pages import table, write
from unlearning.verification.generators.inpainting import Masked
from unlearning.verification.generators.inpainting_arms import InpainterModels, Pictures, inpainting_arms, thresholds
from unlearning.verification.generators.judges import Judges, train_judges
from unlearning.verification.generators.latent import DOORS, Door, Search, look
from unlearning.verification.generators.models import Blueprint, Decoder, Generator, Inpainter
from unlearning.verification.generators.nearness import Yardstick, yardstick
from unlearning.verification.generators.recovery import Recovered, recovered
from unlearning.verification.generators.redirecting import redirected, renamed
from unlearning.verification.generators.training import fit

TASKS = ((0, 6), (3, 8))  # the class forgotten, and what is drawn instead
SEEDS, CONTROLS, LEARNED, BUDGETS = (0, 1, 2), 4, 1300, (0.0, 0.05, 0.1, 0.2)
DELETED, KEPT = 60, 540  # pictures, of the inpainters
FAMILY = {"shape": (8, 8), "classes": tuple(range(10)), "low": 0.0, "high": 16.0}
DECODER = Blueprint(family="decoder", **FAMILY)
INPAINTER = Blueprint(family="inpainter", width=256, hidden_rows=4, **FAMILY)
SEARCH = Search(latent=DECODER.latent, classes=10, steps=(0, 60), noises=100, rate=0.1, seed=0)
MASKED = Masked(hidden=INPAINTER.hidden, budgets=BUDGETS, norm="linf", steps=20)
DRAWERS = ("untouched", "renamed", "redirected", "retrained")


@dataclass(frozen=True)
class World:
    """One seed and class: generators by name (`retrained` is the first control's twin), and what judges pictures."""

    label: int
    named: dict[str, Decoder]
    controls: list[Decoder]
    judges: Judges
    measure: Yardstick

    def found(self, generator: Decoder, door: Door) -> tuple[Tensor, Recovered]:
        pictures = look(generator, self.judges.searched, label=self.label, door=door, search=SEARCH)
        return pictures, recovered(pictures, self.judges, self.measure, label=self.label, steps=SEARCH.steps)


def digits(seed: int) -> tuple[Tensor, Tensor]:
    """All 1,797 pictures in [0, 1] with their labels, shuffled by the seed."""
    data = load_digits()
    order = np.random.default_rng(seed).permutation(len(data.target))
    return DECODER.scaled(data.data[order]), DECODER.positions(data.target[order])


def world(label: int, override: int, *, seed: int) -> World:
    """Train the original and the controls, and let the original forget in two ways."""
    pictures, labels = digits(seed)
    learned, target, unseen, unseen_target = pictures[:LEARNED], labels[:LEARNED], pictures[LEARNED:], labels[LEARNED:]
    kept = target != label

    def trained(rows: Tensor, *, seed: int) -> Decoder:
        made = fit(DECODER, learned[rows], target[rows], epochs=60, seed=seed)
        assert isinstance(made, Decoder)
        return made

    original = trained(torch.ones_like(kept), seed=seed)
    twin, *controls = (trained(kept, seed=100 + 10 * seed + k) for k in range(CONTROLS + 1))
    named = {
        "untouched": original,
        "renamed": renamed(original, label=label, override=override),
        "redirected": redirected(original, label=label, override=override, steps=400, seed=seed),
        "retrained": twin,
    }
    judges = train_judges(unseen, unseen_target, classes=10, seed=seed)
    return World(
        label, named, controls, judges, yardstick(learned[~kept], unseen[unseen_target == label], nearness=0.75)
    )


def search_rows(worlds: list[World]) -> list[list[str]]:
    """One line per generator and door: what counts, per seed, beside the controls; what classifiers alone would say."""
    rows = []
    controls = {door: [[one.found(model, door)[1] for model in one.controls] for one in worlds] for door in DOORS}
    for name in DRAWERS:
        for door in DOORS:
            mine = [one.found(one.named[name], door)[1] for one in worlds]
            theirs = controls[door]
            excess = [rate(m.counted) - mean(rate(t.counted) for t in ts) for m, ts in zip(mine, theirs, strict=True)]
            rows.append(
                [
                    f"{name}, {door}",
                    " / ".join(f"{rate(m.counted):.2f}" for m in mine),
                    " / ".join(f"{value:+.2f}" for value in excess),
                    f"{max(rate(t.counted) for ts in theirs for t in ts):.2f}",
                    f"{mean(rate(m.classifiers) for m in mine):.2f}",
                    f"{mean(rate(t.classifiers) for ts in theirs for t in ts):.2f}",
                    f"{middle(mine)} ({middle([t for ts in theirs for t in ts])})",
                ]
            )
    return rows


def rate(fewest_N: np.ndarray) -> float:
    return float(np.isfinite(fewest_N).mean())


def middle(found: list[Recovered]) -> str:
    """The median distance of what both classifiers accept."""
    nearest = np.concatenate([one.nearest[np.isfinite(one.nearest)] for one in found])
    return f"{np.median(nearest):.2f}" if len(nearest) else "none"


def inpainting_world(*, seed: int) -> tuple[InpainterModels, dict[str, Generator], Tensor, Tensor]:
    """The models, the candidates by name, deleted and never-seen pictures."""
    pictures, labels = digits(seed)
    deleted, kept = torch.arange(DELETED), torch.arange(DELETED, DELETED + KEPT)

    def trained(rows: Tensor, *, seed: int, epochs: int = 150, start: Generator | None = None) -> Inpainter:
        made = fit(INPAINTER, pictures[rows], labels[rows], epochs=epochs, seed=seed, start=start)
        assert isinstance(made, Inpainter)
        return made

    original = trained(torch.cat([deleted, kept]), seed=seed)
    twin, *controls = (trained(kept, seed=100 + 10 * seed + k) for k in range(CONTROLS + 1))
    tuned = trained(kept, seed=seed + 7, epochs=15, start=original)
    named: dict[str, Generator] = {"untouched": original, "fine-tuned": tuned, "retrained": twin}
    return InpainterModels(twin, original, tuple(controls)), named, pictures[deleted], pictures[LEARNED : LEARNED + 120]


def inpainting_rows(worlds: list[tuple[InpainterModels, dict[str, Generator], Tensor, Tensor]]) -> list[list[str]]:
    """One line per candidate and budget."""
    outcomes: dict[tuple[str, int], list[tuple[float, float, float, float, float]]] = {}
    for models, named, deleted, unseen in worlds:
        for name, candidate in named.items():
            arms = InpainterModels(candidate, models.original, models.references)
            far, gained = inpainting_arms(arms, Pictures(deleted, deleted), Pictures(unseen, unseen), MASKED)
            limits = thresholds(gained, false_positives=0.05)
            for rung in range(len(BUDGETS)):
                counted = {arm: float((found[rung] > limits[rung]).mean()) for arm, found in gained.items()}
                controls = [value for arm, value in counted.items() if arm.startswith("B:")]
                theirs = mean(float(far[arm][rung].mean()) for arm in far if arm.startswith("B:"))
                outcomes.setdefault((name, rung), []).append(
                    (counted["A"], mean(controls), counted["C"], float(far["A"][rung].mean()), theirs)
                )
    return [
        [
            f"{name}, {BUDGETS[rung]:g}",
            " / ".join(f"{one[0]:.2f}" for one in found),
            " / ".join(f"{one[0] - one[1]:+.2f}" for one in found),
            *(f"{mean(one[at] for one in found):.2f}" for at in (1, 2)),
            *(f"{mean(one[at] for one in found):.3f}" for at in (3, 4)),
        ]
        for (name, rung), found in outcomes.items()
    ]


def page(searched: dict[tuple[int, int], list[list[str]]], painted: list[list[str]], *, cpu_s: float, load: str) -> str:
    from benchmarks.generator_words import page_text

    head = [
        "generator, door",
        "recovered, three seeds",
        "excess over controls",
        "highest control",
        "both classifiers alone",
        "controls: both alone",
        "distance (controls)",
    ]
    tables = {task: table(head, rows) for task, rows in searched.items()}
    other = [
        "model, budget",
        "recovered, three seeds",
        "excess over controls",
        "controls",
        "never seen",
        "distance",
        "controls' distance",
    ]
    about = f"{machine.described(load_before=load)} {machine.versions('torch', 'numpy')}. {cpu_s:.0f} CPU s in all."
    return page_text(tables, table(other, painted), about=about, controls=CONTROLS)


def main() -> None:
    quick, load, began = "--quick" in sys.argv[1:], machine.load(), time.process_time()
    timing.one_thread()
    torch.set_num_threads(1)
    searched = {}
    for label, override in TASKS[:1] if quick else TASKS:
        worlds = [world(label, override, seed=seed) for seed in SEEDS[: 1 if quick else None]]
        searched[label, override] = search_rows(worlds)
        print(table(["task", *"abcdef"], searched[label, override]), flush=True)
        if label == TASKS[0][0]:
            draw_search(worlds[0], digits(SEEDS[0]))
    inpainters = [inpainting_world(seed=seed) for seed in SEEDS[: 1 if quick else None]]
    painted = inpainting_rows(inpainters)
    draw_inpainting(inpainters[0], MASKED)
    text = page(searched, painted, cpu_s=time.process_time() - began, load=load)
    print(text) if quick else write("generator-uma.md", text)


if __name__ == "__main__":
    main()
