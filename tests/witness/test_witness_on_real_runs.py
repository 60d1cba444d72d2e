"""The witness on runs of the real engines: cheats are caught, honest runs are not, and doubt is called doubt."""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.witness_trials import Seen, Trials
from unlearning.accounting import Ledger
from unlearning.linear import load_model
from unlearning.runner.refusals import Refused
from unlearning.witness import basis, finding
from unlearning.witness.claim import CannotTellError, Claim
from unlearning.witness.finding import Means, examine
from unlearning.witness.objective import Objective
from unlearning.witness.runs import honest_runs
from unlearning.witness.words import BLIND


class OneTraining(Trials):
    """All trials from one training: enough to see that a cheat is caught."""

    def trained(self) -> Path:
        if not hasattr(self, "parent"):
            self.parent = super().trained()
        return self.parent


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Trials:
    return OneTraining(tmp_path_factory.mktemp("digits"), "digits", steps=30)


@pytest.fixture(scope="module")
def patients(tmp_path_factory: pytest.TempPathFactory) -> Trials:
    # An honest run is accused once in a million: a test may not fail by chance.
    return OneTraining(tmp_path_factory.mktemp("patients"), "breast-cancer", steps=20, level=1e-6)


@pytest.mark.parametrize("cheat", ["half_the_noise", "half_the_steps"])
def test_a_cheat_is_caught_on_digits(digits, cheat):
    seen: Seen = getattr(digits, cheat)()
    assert seen.outcome == "accused"
    assert seen.measured["witness.accused", None] == 1


def test_an_honest_run_on_digits_is_as_claimed_and_the_words_say_what_no_test_sees(digits, monkeypatch):
    monkeypatch.setattr(digits, "level", 1e-6)
    seen = digits.honest()
    assert seen.outcome == "noise as claimed"
    assert seen.measured["witness.descent.simulated", None] == 0  # chi-square laws are trusted here
    assert BLIND in seen.outputs["words"] and "half the steps with 100%" in seen.outputs["words"]


def test_on_few_weights_half_the_steps_cannot_be_told_and_the_witness_says_so(patients):
    seen = patients.honest()
    assert (seen.outcome, seen.outputs["code"]) == ("inconclusive", "CANNOT_TELL")
    assert seen.outputs["power_half_steps"] < 0.3 and "cannot tell" in seen.outputs["words"]
    assert seen.measured["witness.accused", None] is None


def test_old_weights_are_recognised_on_few_weights_too(patients):
    seen = patients.old_weights_again()
    assert (seen.outcome, seen.measured["witness.same", None]) == ("accused", 1)


def test_a_run_of_one_step_is_never_called_as_claimed(patients, monkeypatch):
    monkeypatch.setattr(patients, "steps", 1)
    seen = patients.honest()
    assert seen.outcome == "inconclusive" and seen.outputs["power_half_steps"] == 0.0


def test_all_but_the_outcome_is_sealed(patients):
    patients.honest()
    written = json.loads((patients.folder / f"{patients.count:05d}" / "measurements.json").read_text())
    opened = [line["name"] for line in written["measurements"] if line["tier"] == "open"]
    assert opened == ["witness.accused"]
    assert len(written["measurements"]) > 20


def test_mini_batches_get_no_answer_and_the_reason(patients):
    parent = patients.trained()
    own = Ledger.from_json((parent / "ledger.json").read_text())
    ledger = patients.folder / "batches.json"
    ledger.write_text(replace(own, problem=replace(own.problem, batch=48)).to_json())
    inputs = {"new": parent / "weights", "ledger": ledger, "features": patients.rows}
    folder = patients.run("verify.witness", {}, {"retain": [*range(patients.present)]}, inputs)
    outputs = json.loads((folder / "outputs.json").read_text())
    assert (outputs["outcome"], outputs["code"]) == ("inconclusive", "MINI_BATCHES")


def test_a_training_from_zero_needs_no_old_weights_and_halved_noise_is_caught(patients):
    parent = patients.trained()
    inputs = {"new": parent / "weights", "ledger": parent / "ledger.json", "features": patients.rows}
    manifests = {"retain": [*range(patients.present)]}
    folder = patients.run("verify.witness", {"level": 1e-6}, manifests, inputs)
    outputs = json.loads((folder / "outputs.json").read_text())
    assert outputs["power_half_steps"] is None and outputs["outcome"] != "accused"
    more = Ledger.from_json((parent / "ledger.json").read_text())
    ledger = patients.folder / "more.json"
    ledger.write_text(replace(more, problem=replace(more.problem, sigma=4 * more.problem.sigma)).to_json())
    folder = patients.run("verify.witness", {}, manifests, inputs | {"ledger": ledger})
    assert json.loads((folder / "outputs.json").read_text())["outcome"] == "accused"


def test_models_and_ledger_of_different_lines_are_refused(patients, digits):
    parent, other = patients.trained(), digits.trained()
    inputs = {"new": parent / "weights", "ledger": other / "ledger.json", "features": patients.rows}
    with pytest.raises(Refused) as caught:
        patients.run("verify.witness", {}, {"retain": [0, 1, 2]}, inputs)
    assert caught.value.code == "MODEL_MISMATCH"
    assert load_model(parent / "weights").theta.shape == (1, 31)


MEANS = Means(level=0.01, simulations=60, seed=1, report=lambda step, steps: None)
HERE = Claim(
    lam=0.02, beta=0.5, eta=1.5, sigma=0.02, n_0=300, norm_bound=1.0, classes=4, loss="softmax", steps=12, before=80
)


def small(claim: Claim) -> tuple[Objective, np.ndarray, np.ndarray]:
    """A problem of 4 x 12 weights, old weights under it, and honestly made new ones."""
    draw = np.random.default_rng(11)
    rows = draw.normal(size=(280, 12))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    goals = np.eye(4)[draw.integers(4, size=280)]
    objective = Objective(rows, goals, claim.loss, claim.lam, claim.n_0)
    start = np.zeros((4, 12))
    old = honest_runs(objective, start, claim, steps=80, count=1, draw=draw, after_step=lambda: None)[0]
    new = honest_runs(objective, old, claim, steps=claim.steps, count=1, draw=draw, after_step=lambda: None)[0]
    return objective, old, new


def test_a_model_too_large_for_all_eigenvectors_is_judged_beside_simulated_runs(monkeypatch):
    monkeypatch.setattr(basis, "LARGEST_DENSE", 10)
    objective, old, new = small(HERE)
    honest = examine(objective, HERE, old_KG=old, new_KG=new, means=MEANS)
    assert honest.outcome != "accused" and honest.simulated == {"descent": 60}
    cheated = examine(objective, replace(HERE, sigma=0.04), old_KG=old, new_KG=new, means=MEANS)
    assert cheated.outcome == "accused"


def test_a_model_beyond_reach_gets_no_answer_and_the_reason(monkeypatch):
    objective, old, new = small(HERE)
    monkeypatch.setattr(basis, "LARGEST", 10)
    with pytest.raises(CannotTellError, match="TOO_LARGE"):
        examine(objective, HERE, old_KG=old, new_KG=new, means=MEANS)
    monkeypatch.undo()
    monkeypatch.setattr(basis, "LARGEST_DENSE", 10)
    monkeypatch.setattr(finding, "MOST_WORK", 1.0)
    with pytest.raises(CannotTellError, match="TOO_LARGE"):
        examine(objective, HERE, old_KG=old, new_KG=new, means=MEANS)


def test_where_the_loss_is_too_crooked_for_chi_squares_honest_runs_are_simulated():
    crooked = replace(HERE, sigma=0.5)
    objective, old, new = small(crooked)
    found = examine(objective, crooked, old_KG=old, new_KG=new, means=MEANS)
    assert found.simulated == {"descent": 60, "noise": 60} and found.doubts["descent"] > 0.1
    assert found.outcome != "accused"


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_cheats_on_digits_are_caught_in_nineteen_of_twenty_trials(tmp_path):
    trials = Trials(tmp_path, "digits", steps=60)
    for cheat in (trials.half_the_noise, trials.half_the_steps, trials.old_weights_again):
        assert sum(cheat().outcome == "accused" for _ in range(20)) >= 19


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_honest_runs_are_hardly_ever_accused(tmp_path):
    trials = Trials(tmp_path, "digits", steps=60)
    outcomes = Counter(trials.honest().outcome for _ in range(100))
    # At a level of 1 % five or more of 100 would come up once in 300 suites; measured are fewer (benchmarks/results).
    assert outcomes["accused"] <= 4
    assert outcomes["inconclusive"] == 0
