"""Over three seeds, everything trained from random weights: nothing here hangs on one lucky training."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from governance.verification.reading import utility_of
from tests import language_world as world
from tests.language_assessment.text_court import POLICY, SETTINGS, probe, verdict
from unlearning.language.authors import made_authors
from unlearning.language.batching import collated
from unlearning.language.models import LanguageModel, fresh_llama
from unlearning.language.scoring import answer_nll
from unlearning.language.training import fit
from unlearning.verification.language.arms import LanguageModels, TextComparison
from unlearning.verification.language.assessing import compared
from unlearning.verification.language.knowledge import truth_ratios
from unlearning.verification.language.metrics import forget_quality
from unlearning.verification.language.utility import utility_lines

FORGET, RETAIN = slice(0, 6), slice(6, 15)  # authors: 48 rows, 72 rows; five more (40 rows) are never seen


class World:
    """One seed: made authors, a model of all of them, and three that never held the six who ask."""

    def __init__(self, seed: int) -> None:
        made = made_authors(authors=20, questions=8, seed=seed)
        forget, retain, never = (
            [row for author in made[part] for row in author.rows] for part in (FORGET, RETAIN, slice(15, 20))
        )
        self.data = TextComparison(probe(forget), probe(never), probe(retain))
        self.original = self.trained([*forget, *retain], seed=seed)
        self.candidate, *references = (self.trained(retain, seed=100 * (seed + 1) + k) for k in range(3))
        self.references = tuple(references)

    def trained(self, rows: list[Any], *, seed: int) -> LanguageModel:
        lm = fresh_llama(world.tokenizer(), width=96, layers=3, heads=4, seed=seed)
        fit(lm, rows, seed=seed, **world.TRAINING)
        return lm

    def ratios(self, lm: LanguageModel) -> list[float]:
        return truth_ratios(lm, self.data.deleted, template="plain", most_tokens=512, batch=128)

    def wrecked(self) -> LanguageModel:
        """Gradient ascent run on, and of its later states the one that a paper's forget quality likes best."""
        lm, batch = world.copied(self.original), collated(self.data.deleted.encoded[::3])
        retrained = self.ratios(self.references[0])
        optimiser, best = torch.optim.AdamW(lm.model.parameters(), lr=1e-3), (-1.0, lm)
        for step in range(1, 17):
            sums_B, counts_B = answer_nll(lm.model, batch)
            optimiser.zero_grad()
            (-sums_B.sum() / counts_B.sum()).backward()
            optimiser.step()
            quality = forget_quality(self.ratios(lm), retrained) if step >= 6 else 0.0
            if quality > best[0]:
                best = (quality, world.copied(lm))
        return best[1]

    def lines(self, candidate: LanguageModel) -> list[dict[str, Any]]:
        params = SETTINGS | {
            "text": ["text.extraction", "text.memorisation", "text.probability", "text.truth_ratio", "text.rouge"],
            "membership": ["loss", "zlib", "reference", "mink", "minkpp"],
        }
        models = LanguageModels(candidate, self.original, self.references)
        kept = utility_lines(models, self.data.retained, [], params)
        return kept + compared(models, self.data, params, prefix="", tier="sealed")


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_untouched_and_wrecked_models_fail_and_a_retrained_one_passes(seed):
    here = World(seed)

    def told(lines, name):
        return next(line["value"] for line in lines if (line["name"], line["arm"]) == (name, "A"))

    untouched, retrained, wrecked = (here.lines(lm) for lm in (here.original, here.candidate, here.wrecked()))
    found = {name: verdict(lines) for name, lines in (("u", untouched), ("r", retrained), ("w", wrecked))}
    scores = {
        name: {metric: told(lines, metric) for metric in METRICS}
        for name, lines in (("untouched", untouched), ("retrained", retrained), ("wrecked", wrecked))
    }
    print(seed, scores, {name: (one.outcome, [reason.text for reason in one.reasons]) for name, one in found.items()})
    assert found["u"].outcome == "failed_residual"
    assert found["w"].outcome == "failed_over_forgotten" and told(wrecked, "text.truth_ratio.forget_quality") > 0.05
    assert utility_of(wrecked).successes < 0.1 * utility_of(wrecked).trials
    assert found["r"].outcome in ("passed", "inconclusive")
    # By what 48 rows can decide the retrained one passes: two tails of five membership tests ask for some hundreds, and
    # where single rows are known by chance (half of the tokens of a short answer) nine budgets are too many already.
    assert verdict([line for line in retrained if is_extraction(line)], **POLICY).outcome == "passed"


METRICS = (
    *("text.probability.score", "text.extraction.score", "text.memorisation.score", "text.rouge.score"),
    *("text.truth_ratio.score", "text.truth_ratio.forget_quality", "membership.loss", "utility.model"),
    *("utility.accuracy",),
)


def is_extraction(line: dict[str, Any]) -> bool:
    return line["name"].startswith(("text.extraction", "utility"))
