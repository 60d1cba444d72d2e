"""Does it help to choose where a language model unlearns? `python -m benchmarks.language_influence` (ten CPU minutes).

A small Llama memorises ten made authors. NPO and GradDiff then make it forget the first, moving all weights or a fifth
of them: those of most influence (squared gradient of rows to forget over that of rows to keep), of least, or any by
chance. The rows to keep are shown while it unlearns for five of the nine other authors; what it does to the four whom
nobody shows is the side effect that is measured. At each level of forgetting the best of three step sizes counts.
"""

import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from statistics import mean
from typing import Any

from benchmarks import machine, timing
from benchmarks.pages import save_picture, table, write

timing.one_thread()

import torch  # noqa: E402 - its variables first

from unlearning.language.authors import made_authors, public_text  # noqa: E402
from unlearning.language.encoding import Encoded, encode  # noqa: E402
from unlearning.language.influence.masks import at_random, least_influential, most_influential  # noqa: E402
from unlearning.language.influence.scores import by_layer, ratio, squared_gradients  # noqa: E402
from unlearning.language.models import LanguageModel, fresh_llama  # noqa: E402
from unlearning.language.tokenizers import trained_tokenizer  # noqa: E402
from unlearning.language.training import fit  # noqa: E402
from unlearning.language.unlearning import unlearn_in_place  # noqa: E402
from unlearning.language.unlearning_cache import nll_of  # noqa: E402
from unlearning.texts import TextRow  # noqa: E402

# Seeds 0 and 1 were looked at while the score was chosen; these three were not.
SEEDS, METHODS, STEP_SIZES, SHARE = (2, 3, 4), ("npo", "grad_diff"), (5e-4, 1e-3, 2e-3), 0.2
AUTHORS, SHOWN, QUESTIONS, EPOCHS = 10, 5, 8, 60
LEVELS = (0.2, 0.1, 0.05, 0.02, 0.01)
DEEPEST = 0.003
# Answers of people whose rows are shown while it unlearns, and of those whose are not.
SIDES = ("unshown", "shown")
Trades = dict[tuple[str, str], list[float]]
CHOICES = ("chosen", "random", "inverse", "all")
TRAINING: dict[str, Any] = {"epochs": 80, "batch": 16, "lr": 3e-3, "weight_decay": 0.01, "until_nll": 0.03}
UNLEARNING: dict[str, Any] = {
    "target": "epochs",
    "epochs": EPOCHS,
    "utility_floor": 0.0,
    "collapse": 0.0,
    "check_every": 1000,
}


@dataclass(frozen=True)
class Point:
    """Mean probability per answer token: of rows to forget, of kept rows that are shown, of kept rows that are not."""

    forget: float
    shown: float
    unshown: float


class Enough(Exception):  # noqa: N818 - the end of a run
    """It has forgotten more than any level asks for."""


class World:
    """One seed: people, a model that memorised them, and four sets of weights that may move."""

    def __init__(self, seed: int) -> None:
        people = made_authors(authors=AUTHORS + 5, questions=QUESTIONS, seed=seed)
        rows = [list(author.rows) for author in people]
        self.seed, self.forget, self.holdout = seed, rows[0], flat(rows[AUTHORS:])
        self.shown, self.unshown = flat(rows[1 : 1 + SHOWN]), flat(rows[1 + SHOWN : AUTHORS])
        tokenizer = trained_tokenizer(public_text(), vocabulary=1024)
        self.original = fresh_llama(tokenizer, width=96, layers=3, heads=4, seed=seed)
        everybody = [*self.forget, *self.shown, *self.unshown]
        fit(self.original, everybody, seed=seed, template="plain", **TRAINING)
        self.sides = [self.encoded(side) for side in (self.forget, self.shown, self.unshown)]
        squares = [squared_gradients(self.original.model, side) for side in self.sides[:2]]
        self.layers = by_layer(self.original.model, squares[0], squares[1])
        self.masks = masks_of(ratio(squares[0], squares[1]), seed)

    def encoded(self, rows: Sequence[TextRow]) -> list[Encoded]:
        return encode(self.original.tokenizer, rows, template="plain", most_tokens=256)

    def seen(self, lm: LanguageModel) -> Point:
        return Point(*(probability(lm, side) for side in self.sides))

    def run(self, method: str, choice: str, lr: float) -> list[Point]:
        """What is seen along one run, at every step of the first sixteen and at every fourth later."""
        lm, points = copied(self.original), list[Point]()

        def told(step: int, _steps: int) -> None:
            if step <= 16 or step % 4 == 0:
                points.append(self.seen(lm))
                if points[-1].forget < DEEPEST:
                    raise Enough

        with suppress(Enough):
            unlearn_on(lm, self, method, {**UNLEARNING, "lr": lr}, choice, told)
        return points


def unlearn_on(lm: LanguageModel, world: World, method: str, params: dict[str, Any], choice: str, told: Any) -> None:
    """The ordinary engine on this very model, so that `told` can look at it between steps."""
    rows = world.forget, world.shown, world.holdout
    unlearn_in_place(lm, *rows, method=method, params=params, seed=world.seed, told=told, only=world.masks[choice])


def masks_of(scores: Mapping[str, torch.Tensor], seed: int) -> dict[str, Mapping[str, torch.Tensor] | None]:
    return {
        "chosen": most_influential(scores, share=SHARE),
        "random": at_random(scores, share=SHARE, seed=seed),
        "inverse": least_influential(scores, share=SHARE),
        "all": None,
    }


def probability(lm: LanguageModel, side: Sequence[Encoded]) -> float:
    sums_N, counts_N = nll_of(lm.model, side)
    return float((-(sums_N / counts_N)).exp().mean())


def copied(lm: LanguageModel) -> LanguageModel:
    return LanguageModel(deepcopy(lm.model), lm.tokenizer)


def flat(rows: Sequence[Sequence[TextRow]]) -> list[TextRow]:
    return [row for part in rows for row in part]


def kept_at(runs: Sequence[Sequence[Point]], level: float, side: str) -> float:
    """The most that is kept of one side's rows, over all runs and steps that forgot down to a level; 0 if none."""
    return max((getattr(point, side) for run in runs for point in run if point.forget <= level), default=0.0)


def curve(runs: Sequence[Sequence[Point]], side: str) -> list[float]:
    return [kept_at(runs, level, side) for level in LEVELS]


def measured(seed: int, methods: Sequence[str]) -> tuple[dict[str, Trades], dict[str, float]]:
    """The trade-off of each method and choice on one seed, by the side that is kept, and the influence per layer."""
    world = World(seed)
    print(f"seed {seed}: {world.seen(world.original)}", flush=True)
    found: dict[str, Trades] = {side: {} for side in SIDES}
    for method in methods:
        for choice in CHOICES:
            runs = [world.run(method, choice, lr) for lr in STEP_SIZES]
            for side, trades in found.items():
                trades[method, choice] = curve(runs, side)
                print(f"  {method} {choice}, {side}: {shown(trades[method, choice])}", flush=True)
    return found, world.layers


def shown(values: Sequence[float]) -> str:
    return ", ".join(f"{value:.3f}" for value in values)


def rows_of(trades: Sequence[Trades], methods: Sequence[str]) -> list[list[str]]:
    found = []
    for method in methods:
        for choice in CHOICES:
            ours = [trade[method, choice] for trade in trades]
            means = [f"{mean(values):.3f}" for values in zip(*ours, strict=True)]
            each = " ".join(f"{mean(values):.3f}" for values in ours)
            found.append([method, choice, *means, f"{mean(map(mean, ours)):.3f}", each])
    return found


def wins(trades: Sequence[Trades], methods: Sequence[str], other: str) -> str:
    """On how many seeds the chosen weights kept more than others, by the mean over all levels."""
    pairs = [(mean(trade[method, "chosen"]), mean(trade[method, other])) for trade in trades for method in methods]
    return f"{sum(ours > theirs for ours, theirs in pairs)} of {len(pairs)}"


def picture(trades: Sequence[Trades], methods: Sequence[str]) -> Any:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    colours = {"chosen": "#1b6ca8", "random": "#8a8a8a", "inverse": "#b5482a", "all": "#222222"}
    figure, axes = plt.subplots(1, len(methods), figsize=(4.2 * len(methods), 3.4), sharey=True, squeeze=False)
    for axis, method in zip(axes[0], methods, strict=True):
        for choice in CHOICES:
            ours = [trade[method, choice] for trade in trades]
            for values in ours:
                axis.plot(LEVELS, values, color=colours[choice], alpha=0.3, linewidth=0.8)
            means = [mean(values) for values in zip(*ours, strict=True)]
            axis.plot(LEVELS, means, color=colours[choice], label=choice, marker="o", markersize=3)
        axis.set(xscale="log", title=method, xlabel="probability of the rows to forget, at most")
        axis.invert_xaxis()
    axes[0][0].set_ylabel("probability of kept rows not shown")
    axes[0][0].legend(frameon=False, title="weights that move")
    return figure


TITLES = ("People whose rows nobody showed", "People whose rows were shown")


def part(title: str, trades: Sequence[Trades], methods: Sequence[str], head: Sequence[str]) -> str:
    return f"""## {title}

{table(head, rows_of(trades, methods))}

The chosen fifth kept more than a random one on {wins(trades, methods, "random")} seeds and methods, more than the
inverse on {wins(trades, methods, "inverse")}, more than unlearning on all weights on {wins(trades, methods, "all")}.

"""


def page(trades: Sequence[Any], layers: Sequence[Mapping[str, float]], methods: Sequence[str], before: str) -> str:
    head = ["method", "weights", *(f"forget <= {level:g}" for level in LEVELS), "mean", "mean of each seed"]
    places = sorted(layers[0])
    by_place = [[place, " ".join(f"{found[place]:.2f}" for found in layers)] for place in places]
    return f"""# Where a language model unlearns

{__doc__}
{machine.described(load_before=before)} {machine.versions("torch", "transformers")}. Seeds {SEEDS}; share {SHARE:.0%};
step sizes {STEP_SIZES}; at most {EPOCHS} epochs of one step. Higher is better: how probable answers of people who stay
are still, when the rows to forget are at most this probable. 0: no run got there.

{"".join(part(title, [one[side] for one in trades], methods, head) for side, title in zip(SIDES, TITLES, strict=True))}
![Trade-off](language-influence.png)

## Influence per layer (forget over keep, a figure per seed)

{table(["layer", "ratio"], by_place)}
"""


def main() -> None:
    quick = "--quick" in sys.argv
    seeds, methods = (SEEDS[:1], METHODS[:1]) if quick else (SEEDS, METHODS)
    before = machine.load()
    found = [measured(seed, methods) for seed in seeds]
    trades, layers = [one[0] for one in found], [one[1] for one in found]
    if quick:
        return
    save_picture(picture([one["unshown"] for one in trades], methods), "language-influence.png")
    write("language-influence.md", page(trades, layers, methods, before))


if __name__ == "__main__":
    main()
