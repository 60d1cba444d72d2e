"""The defaults of unlearning in language models: `python -m benchmarks.language_sweep` (five CPU minutes;
with names of methods: theirs alone).

Every setting of a grid makes a small Llama (preset ci, 80 rows of ten made authors) forget the eight rows of one
author, from three seeds. A setting qualifies if on every seed forget probability < .02, extraction strength < .05,
exact memorisation < .3, retain probability > .9 and retain ROUGE-L > .85. The default is the qualified setting, or
failing that the most nearly qualified one, whose mean distance to models retrained without the author is least: in
exact memorisation, in the AUC of the loss against never-trained rows, and in retain probability. A default that is
declared already stays while it qualifies as well and no other is nearer by .03, which is what the last bits of the
arithmetic changed between two sweeps. These rows are others
than the engine was given to aim at. Relearning (40 steps on rows to keep) is reported and takes no part in the choice.
"""

import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass, field, fields
from itertools import product
from typing import Any

from benchmarks import machine, pages, timing

timing.one_thread()

from sklearn.metrics import roc_auc_score  # noqa: E402 - the variables of one thread first

from unlearning.language.authors import made_authors, public_text  # noqa: E402
from unlearning.language.encoding import encode  # noqa: E402
from unlearning.language.models import LanguageModel, fresh_llama  # noqa: E402
from unlearning.language.tokenizers import trained_tokenizer  # noqa: E402
from unlearning.language.training import fit  # noqa: E402
from unlearning.language.unlearning import Unlearned, unlearn  # noqa: E402
from unlearning.parameters.language_methods import METHODS  # noqa: E402
from unlearning.texts import TextRow  # noqa: E402
from unlearning.verification.language.answers import answer_scores  # noqa: E402
from unlearning.verification.language.metrics import (  # noqa: E402
    average_nll,
    exact_memorisation,
    extraction_strength,
    probability,
)
from unlearning.verification.language.rouge import rouge_l_recall  # noqa: E402
from unlearning.verification.language.speaking import answer_texts, spoken  # noqa: E402

SEEDS = (0, 1, 2)
AUTHORS, QUESTIONS, AIMED_AT = 10, 8, 16
NOISE = 0.03
TRAINING = {"epochs": 80, "batch": 16, "lr": 3e-3, "weight_decay": 0.01, "template": "plain", "until_nll": 0.03}
REPAIR = {"epochs": 5, "batch": 9, "lr": 1e-3, "weight_decay": 0.0, "template": "plain"}  # 40 steps over 72 rows
REPAIRED = "after 40 steps on rows to keep"
Options = dict[str, Any]
Grid = Mapping[str, tuple[float, ...]]
# What is not named is as declared in unlearning/parameters/language_methods.py.
GRID: dict[str, Grid] = {
    "npo": {"lr": (1e-3, 2e-3), "beta": (0.05, 0.1)},
    "rmu": {"lr": (1e-3, 2e-3), "steering": (8.0, 16.0)},
    "grad_diff": {"lr": (5e-4, 1e-3)},
    "simnpo": {"lr": (1e-3, 2e-3)},
    "idk_dpo": {"lr": (2e-3,), "beta": (0.03, 0.1)},
    "dpo": {"lr": (2e-3,), "beta": (0.03, 0.1)},
    "kl": {"lr": (5e-4, 1e-3)},
    "gradient_ascent": {"lr": (1e-4, 2e-4)},
}


@dataclass(frozen=True)
class Seen:
    """What a model shows of the author and of the others; means over rows, AUC of the loss against never-trained."""

    forget: float
    extraction: float
    memorisation: float
    auc: float
    retain: float
    rouge: float

    def qualifies(self) -> bool:
        return self.short_of() == 0

    def short_of(self) -> int:
        """How many of the five thresholds are missed."""
        kept = [self.retain > 0.9, self.rouge > 0.85]
        return [self.forget < 0.02, self.extraction < 0.05, self.memorisation < 0.3, *kept].count(False)

    def distance(self, other: "Seen") -> float:
        names = ("memorisation", "auc", "retain")
        return sum(abs(getattr(self, name) - getattr(other, name)) for name in names) / len(names)


class World:
    """One seed: the rows, the model that knows them all, and what a model retrained without the author shows."""

    def __init__(self, seed: int) -> None:
        authors = made_authors(authors=2 * AUTHORS, questions=QUESTIONS, seed=seed)
        rows = [row for author in authors for row in author.rows]
        self.seed, known = seed, AUTHORS * QUESTIONS
        self.forget, self.retain = rows[:QUESTIONS], rows[QUESTIONS:known]
        self.aimed_at, self.strangers = rows[known : known + AIMED_AT], rows[known + AIMED_AT :]
        self.tokenizer = trained_tokenizer(public_text(), vocabulary=1024)
        self.original = self._trained([*self.forget, *self.retain])
        self.retrained = self.seen(self._trained(self.retain))

    def seen(self, lm: LanguageModel) -> Seen:
        forget, strangers, retain = (
            answer_scores(lm.model, encode(lm.tokenizer, rows, template="plain", most_tokens=512))
            for rows in (self.forget, self.strangers, self.retain)
        )
        told = [1] * len(forget) + [0] * len(strangers)
        auc = float(roc_auc_score(told, [-average_nll(one) for one in (*forget, *strangers)]))
        means = [mean([score(one) for one in forget]) for score in (probability, extraction_strength)]
        memorised = mean([exact_memorisation(one) for one in forget])
        return Seen(*means, memorised, auc, mean([probability(one) for one in retain]), self._rouge(lm))

    def after(self, method: str, options: Options) -> tuple[Unlearned, float]:
        """What the door gives, and the CPU seconds it took."""
        begun = time.process_time()
        how: Options = {"method": method, "params": options, "seed": self.seed}
        done = unlearn(self.original, self.forget, self.retain, self.aimed_at, **how)
        return done, time.process_time() - begun

    def repaired(self, lm: LanguageModel) -> Seen:
        """What comes back by 40 steps on rows to keep alone."""
        copied = LanguageModel(deepcopy(lm.model), lm.tokenizer)
        fit(copied, self.retain, seed=self.seed, **REPAIR)
        return self.seen(copied)

    def _trained(self, rows: list[TextRow]) -> LanguageModel:
        lm = fresh_llama(self.tokenizer, width=96, layers=3, heads=4, seed=self.seed)
        fit(lm, rows, seed=self.seed, **TRAINING)
        return lm

    def _rouge(self, lm: LanguageModel) -> float:
        encoded = encode(lm.tokenizer, self.retain[::4], template="plain", most_tokens=512)
        longest = max(len(one.answer) for one in encoded)
        said = spoken(lm, encoded, most_new=longest)
        return mean([rouge_l_recall(*pair) for pair in zip(answer_texts(lm, encoded), said, strict=True)])


@dataclass(frozen=True)
class Tried:
    """One setting over all seeds, in the seeds' order."""

    options: Options
    seen: list[Seen]
    short_of: int
    distance: float
    stopped: list[str]
    steps: list[int]
    cpu_s: float
    models: list[LanguageModel] = field(default_factory=list)

    def figures(self) -> dict[str, Any]:
        """All but the models."""
        return {one.name: getattr(self, one.name) for one in fields(self) if one.name != "models"} | {
            "seen": [asdict(one) for one in self.seen]
        }

    def cells(self) -> list[str]:
        worst = worst_of(self.seen)
        figures = [f"{value:.4f}" if at == 0 else f"{value:.3f}" for at, value in enumerate(asdict(worst).values())]
        ended = ", ".join(f"{why} {steps}" for why, steps in zip(self.stopped, self.steps, strict=True))
        return [said(self.options), *figures, str(self.short_of), f"{self.distance:.3f}", ended, f"{self.cpu_s:.1f}"]


HEAD = ["setting", "forget probability", "ES", "EM", "AUC", "retain probability", "retain ROUGE-L", "missed"]
HEAD += ["distance", "stopped, step", "CPU s"]


def worst_of(several: list[Seen]) -> Seen:
    """The worst of each figure over the seeds; of the AUC the one farthest from 1/2."""
    high = [max(getattr(one, name) for one in several) for name in ("forget", "extraction", "memorisation")]
    low = [min(getattr(one, name) for one in several) for name in ("retain", "rouge")]
    return Seen(*high, max((one.auc for one in several), key=lambda auc: abs(auc - 0.5)), *low)


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def said(options: Options) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in options.items())


def settings(grid: Grid) -> Iterator[Options]:
    """Every combination of a method's grid; whole numbers stay whole."""
    yield from (dict(zip(grid, values, strict=True)) for values in product(*grid.values()))


def tried(worlds: list[World], method: str, options: Options) -> Tried:
    found = [world.after(method, options) for world in worlds]
    models = [done.lm for done, _ in found]
    seen = [world.seen(lm) for world, lm in zip(worlds, models, strict=True)]
    distance = mean([one.distance(world.retrained) for world, one in zip(worlds, seen, strict=True)])
    missed = sum(one.short_of() for one in seen)
    stops, steps = [done.stopped_because for done, _ in found], [done.record["steps"] for done, _ in found]
    return Tried(options, seen, missed, distance, stops, steps, mean([spent for _, spent in found]), models)


def main(methods: Sequence[str]) -> None:
    """Run the grids of these methods (none: of all) and write the page and its figures; others' figures stay."""
    before, begun = machine.load(), time.process_time()
    worlds = [World(seed) for seed in SEEDS]
    lines: dict[str, list[Tried]] = {}
    repaired: dict[str, list[Seen]] = {}
    for method in methods or GRID:
        every = [tried(worlds, method, options) for options in settings(GRID[method])]
        lines[method] = ranked(method, every)
        best = zip(worlds, lines[method][0].models, strict=True)
        repaired[method] = [world.repaired(lm) for world, lm in best]
        for one in lines[method]:
            print(method, one.cells(), f"{time.process_time() - begun:.0f} CPU s", flush=True)
        # After each method, so that an interrupted sweep leaves what it has found.
        old_lines, old_repaired = written() if methods else ({}, {})
        whole = in_order(old_lines | lines), in_order(old_repaired | repaired)
        pages.write("language-sweep.md", page(worlds, *whole, before, time.process_time() - begun))
        pages.write("language-sweep.json", json.dumps(figures(worlds, *whole), indent=1) + "\n")


def ranked(method: str, every: list[Tried]) -> list[Tried]:
    """The best first, but for a declared default that is as good within the noise."""
    found = sorted(every, key=lambda one: (one.short_of, one.distance))
    for one in found:
        declared = one.options.items() <= METHODS[method].items()
        if declared and one.short_of == found[0].short_of and one.distance < found[0].distance + NOISE:
            return [one, *(other for other in found if other is not one)]
    return found


def in_order(found: dict[str, Any]) -> dict[str, Any]:
    """By the order of the grid."""
    return {method: found[method] for method in GRID if method in found}


def written() -> tuple[dict[str, list[Tried]], dict[str, list[Seen]]]:
    """The figures of the last sweep."""
    found = json.loads((pages.RESULTS / "language-sweep.json").read_text())
    lines = {
        method: [Tried(**line | {"seen": [Seen(**one) for one in line["seen"]]}) for line in every]
        for method, every in found["methods"].items()
    }
    return lines, {method: [Seen(**one) for one in every] for method, every in found[REPAIRED].items()}


def figures(worlds: list[World], lines: dict[str, list[Tried]], repaired: dict[str, list[Seen]]) -> dict[str, Any]:
    return {
        "format": "obelus/language-sweep/1",
        "seeds": list(SEEDS),
        "training": TRAINING,
        "declared": METHODS,
        "original": [asdict(world.seen(world.original)) for world in worlds],
        "retrained": [asdict(world.retrained) for world in worlds],
        "methods": {method: [line.figures() for line in every] for method, every in lines.items()},
        REPAIRED: {method: [asdict(one) for one in seen] for method, seen in repaired.items()},
    }


def page(
    worlds: list[World], lines: dict[str, list[Tried]], repaired: dict[str, list[Seen]], before: str, cpu_s: float
) -> str:
    originals = [world.seen(world.original) for world in worlds]
    controls = [
        ["the original, nothing unlearned", *Tried({}, originals, 0, 0, [], [], 0).cells()[:7]],
        [
            "retrained without the author",
            *Tried({}, [world.retrained for world in worlds], 0, 0, [], [], 0).cells()[:7],
        ],
    ]
    after = [[method, *Tried({}, seen, 0, 0, [], [], 0).cells()[1:7]] for method, seen in repaired.items()]
    parts = [
        "# The defaults of unlearning in language models",
        __doc__ or "",
        machine.described(load_before=before)
        + f" {cpu_s:.0f} CPU seconds in the last run, perhaps of some methods; seeds {SEEDS}.",
        "Each figure is the worst of the seeds; `missed` counts thresholds over all seeds; CPU seconds are means.",
        "## The choice",
        pages.table(["method", *HEAD], [[*control, "", "", "", ""] for control in controls] + _chosen(lines)),
        "## The same after 40 steps on rows to keep alone",
        pages.table(["method", *HEAD[1:7]], after),
        *(f"## {method}\n\n" + pages.table(HEAD, [line.cells() for line in every]) for method, every in lines.items()),
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _chosen(lines: dict[str, list[Tried]]) -> list[list[str]]:
    return [[method, *every[0].cells()] for method, every in lines.items()]


if __name__ == "__main__":
    main(sys.argv[1:])
