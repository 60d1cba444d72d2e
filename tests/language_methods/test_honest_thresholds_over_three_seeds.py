"""What NPO and RMU must reach on three seeds, and what must fail; and that the declared defaults are the sweep's."""

import functools
import json
from pathlib import Path

import pytest

from benchmarks import language_sweep as sweep
from unlearning.language.unlearning import unlearn
from unlearning.parameters.language_methods import METHODS

PAGE = Path(__file__).resolve().parents[2] / "benchmarks" / "results" / "language-sweep.json"
world = functools.cache(sweep.World)


def test_the_declared_defaults_are_the_settings_that_the_sweep_chose():
    found = json.loads(PAGE.read_text())["methods"]
    assert set(found) == set(METHODS)
    for method, lines in found.items():
        best = min(lines, key=lambda line: (line["short_of"], line["distance"]))
        assert lines[0]["options"].items() <= METHODS[method].items(), method
        assert lines[0]["short_of"] == best["short_of"], method
        assert lines[0]["distance"] < best["distance"] + sweep.NOISE, method


@pytest.mark.slow
@pytest.mark.parametrize("seed", sweep.SEEDS)
@pytest.mark.parametrize("method", ["npo", "rmu"])
def test_npo_and_rmu_forget_and_keep(method, seed):
    found = world(seed).seen(world(seed).after(method, {})[0].lm)
    assert found.forget < 0.02 and found.extraction < 0.05 and found.memorisation < 0.3
    assert found.retain > 0.9 and found.rouge > 0.85


@pytest.mark.slow
@pytest.mark.parametrize("seed", sweep.SEEDS)
def test_the_untouched_model_fails_and_the_retrained_one_passes(seed):
    untouched = world(seed).seen(world(seed).original)
    assert untouched.forget > 0.9 and untouched.extraction > 0.8 and untouched.auc > 0.95
    assert not untouched.qualifies() and world(seed).retrained.qualifies()


@pytest.mark.slow
@pytest.mark.parametrize("seed", sweep.SEEDS)
def test_ascent_run_on_looks_forgotten_and_fails_on_utility(seed):
    here = world(seed)
    options = {"target": "epochs", "utility_floor": 0.0, "collapse": 0.0, "lr": 1e-3, "epochs": 30}
    wreck = unlearn(here.original, here.forget, here.retain, [], method="gradient_ascent", params=options).lm
    found = here.seen(wreck)
    assert found.forget < 0.02 and found.extraction < 0.05
    assert found.retain < 0.3 and not found.qualifies()
