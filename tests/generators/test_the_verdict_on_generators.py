"""From the search to the verdict: what the lines of a latent search make of an emptied and of a renamed generator."""

from __future__ import annotations

import pytest

from governance.verification.reading import batteries_of
from governance.verification.verdict import Utility, judge
from tests.generators.small_generators import FORGOTTEN, OVERRIDE, SEARCH, drawn
from unlearning.verification.generators.latent import DOORS
from unlearning.verification.generators.latent_arms import GeneratorModels, latent_arms, latent_lines
from unlearning.verification.generators.redirecting import renamed

POLICY = {"margin": 0.10, "level": 0.05, "utility_floor": 0.5, "resamples": 1000, "seed": 7}


@pytest.mark.slow
def test_the_verdict_condemns_a_renamed_label_and_does_not_accuse_a_retrained_generator():
    world = drawn(seed=0, controls=4)

    def outcome(candidate):
        models, lines = GeneratorModels(candidate, world.original, world.references), []
        for door in DOORS:
            arms = latent_arms(models, world.judges, world.aim, door, SEARCH)
            lines += latent_lines(arms, door, SEARCH, tier="sealed")
        return judge(batteries_of(lines, canaries=False), Utility(successes=190, trials=200), POLICY).outcome

    assert outcome(world.original) == "failed_residual"
    assert outcome(renamed(world.original, label=FORGOTTEN, override=OVERRIDE)) == "failed_residual"
    assert outcome(world.retrained) in ("passed", "inconclusive")
