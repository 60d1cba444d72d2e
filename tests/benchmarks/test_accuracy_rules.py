"""The rules that the comparison of accuracies stands on: they keep their epsilon, and travel as far as they say."""

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmarks.accuracy_rules import CERTIFIED, CERTIFIED_CAPPED
from benchmarks.engine import accuracy
from benchmarks.learners import (
    CertifiedRule,
    Pull,
    TravelRule,
    capped_loss,
    constants_by_rule,
    delta_of,
    engines_loss,
)
from benchmarks.public_data import DataNotHereError, Dataset, pictures, read_idx, split
from unlearning.accounting import learning_privacy
from unlearning.accounting.gdp import mu_for


@pytest.mark.parametrize(("rule", "loss"), [(CERTIFIED, engines_loss), (CERTIFIED_CAPPED, capped_loss)])
@pytest.mark.parametrize(("n", "classes", "epsilon"), [(456, 2, 1.0), (1438, 10, 3.0), (8000, 10, 8.0)])
def test_a_model_made_by_the_rule_costs_one_row_just_epsilon(
    rule: CertifiedRule, loss: Callable[[int], Pull], n: int, classes: int, epsilon: float
) -> None:
    pull = loss(classes)
    found, _ = constants_by_rule(rule, n=n, pull=pull, epsilon=epsilon)
    bound = learning_privacy(
        lam=found.lam,
        beta=pull.beta,
        lipschitz=pull.lipschitz,
        n=n,
        eta=found.eta,
        sigma=found.sigma,
        steps_learn=found.steps,
        adjacency="zero_out",
        batch=found.batch,
    )
    assert 0.999 * epsilon < bound.epsilon(delta_of(n)) <= epsilon


def test_the_rule_travels_in_proportion_to_rows_and_in_whole_passes() -> None:
    rule = CertifiedRule(kappa=1.0, relaxations=0.5)
    found, _ = constants_by_rule(rule, n=8000, pull=engines_loss(2), epsilon=1.0)
    assert found.eta * found.steps == pytest.approx(8000 * mu_for(epsilon=1.0, delta=delta_of(8000)), rel=0.01)
    assert found.steps % found.batches == 0
    assert found.batches > 1


def test_dp_sgd_by_the_same_rule_travels_as_far_per_bound() -> None:
    settings = TravelRule(kappa=2.0, rate=1.0, steps=100, clip=0.5).settings(n=1000, epsilon=1.0)
    mu = mu_for(epsilon=1.0, delta=delta_of(1000))
    assert settings.learning_rate * settings.steps * settings.clip == pytest.approx(2.0 * 1000 * mu)


def test_an_idx_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    images = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    head = bytes([0, 0, 8, 3]) + b"".join(size.to_bytes(4, "big") for size in images.shape)
    (tmp_path / "images.gz").write_bytes(gzip.compress(head + images.tobytes()))
    assert (read_idx(tmp_path / "images.gz") == images).all()
    (tmp_path / "short.gz").write_bytes(gzip.compress(head + images.tobytes()[:-1]))
    with pytest.raises(ValueError, match="fetch the file anew"):
        read_idx(tmp_path / "short.gz")


def test_pictures_that_are_not_here_are_missed_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBELUS_DATA", str(tmp_path))
    with pytest.raises(DataNotHereError, match="set/images.gz"):
        pictures(("set/images.gz", "set/labels.gz"))


def test_a_split_holds_every_row_once() -> None:
    data = Dataset(np.arange(10.0)[:, None], np.arange(10), 10)
    made = split(data, seed=3)
    assert sorted([*made.labels, *made.unseen_labels]) == list(range(10))
    assert len(made.unseen_labels) == 2


def test_accuracy_counts_right_answers_of_both_shapes_of_model() -> None:
    rows, labels = np.array([[1.0], [-1.0], [2.0]]), np.array([1, 0, 0])
    assert accuracy(np.array([[1.0, 0.0]]), rows, labels) == pytest.approx(2 / 3)
    assert accuracy(np.array([[-1.0, 0.0], [1.0, 0.0]]), rows, labels) == pytest.approx(2 / 3)
