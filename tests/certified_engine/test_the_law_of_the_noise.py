"""Where the law of the last iterate is known exactly, the engine draws from it: noise, contraction, batches, deletion.

Every row is there twice, once in each class, and the noise is so small that the sigmoid is a straight line: the loss is
a quadratic, its minimum is zero, and the last iterate is Gaussian with a covariance that a recursion gives.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2

from unlearning.certified.constants import Constants
from unlearning.certified.learn import descend
from unlearning.certified.rows import part_of, without

PAIRS, FEATURES, RUNS, STEPS = 6, 3, 1500, 25


def pairs():
    values = np.repeat(np.random.default_rng(4).normal(size=(PAIRS, FEATURES)), 2, axis=0)
    return values, np.tile([0, 1], PAIRS)


def covariance(prepared, constants, *, start, steps):
    """C <- A C A' + s^2 I, with A = 1 - eta (lam + sum x x' / (4 denominator)) over the batch of the step."""
    slots = np.arange(len(prepared))
    found = start
    for step in range(steps):
        batch = slots if constants.batch is None else slots[slots // constants.batch == step % constants.batches]
        rows = prepared[batch]
        curve = rows.T @ rows / (4.0 * constants.denominator) + constants.lam * np.eye(prepared.shape[1])
        keep = np.eye(len(curve)) - constants.eta * curve
        found = keep @ found @ keep.T + 2.0 * constants.eta * constants.sigma**2 * np.eye(len(curve))
    return found


def whitened(samples, law):
    """What is left of the samples when the law is taken off: standard normals, if it is theirs."""
    return np.linalg.solve(np.linalg.cholesky(law), samples.T)


@pytest.mark.slow
@pytest.mark.parametrize("batch", [None, 4])
def test_the_last_iterate_has_exactly_the_covariance_of_the_ledgers_steps(batch):
    values, labels = pairs()
    part = part_of(values, labels, np.arange(len(values)), norm_bound=1.0)
    numbers = Constants(lam=0.1, eta=1.5, sigma=1e-7, n_0=len(values), steps=STEPS, batch=batch)
    fewer = Constants(lam=0.1, eta=1.5, sigma=1e-7, n_0=len(values), steps=4, batch=batch)
    left = without(part, np.array([2, 3, 8, 9]))
    prepared = np.hstack([values, np.ones((len(values), 1))]) * part.shrink[:, None]

    def run(start, rows, constants):
        return descend(start, [rows], loss="binary", constants=constants, after_step=lambda _: None)

    learned = [run(np.zeros((1, FEATURES + 1)), part, numbers) for _ in range(RUNS)]
    deleted = [run(theta, left, fewer) for theta in learned]
    law = covariance(prepared, numbers, start=np.zeros((4, 4)), steps=STEPS)
    gone = prepared.copy()
    gone[[2, 3, 8, 9]] = 0.0
    after = covariance(gone, fewer, start=law, steps=4)
    wrong = covariance(prepared, fewer, start=law, steps=4)
    for samples, truth in ((learned, law), (deleted, after)):
        noise = whitened(np.vstack(samples), truth)
        assert 1e-4 < chi2.cdf((noise**2).sum(), df=noise.size) < 1 - 1e-4
        for direction in noise:
            assert 1e-5 < chi2.cdf((direction**2).sum(), df=RUNS) < 1 - 1e-5
        assert abs(np.corrcoef(noise)[np.triu_indices(4, 1)]).max() < 5 / np.sqrt(RUNS)
    assert not np.allclose(after, wrong, rtol=0.02, atol=0.0), "the law with the rows still in it is another one"


@pytest.mark.slow
def test_half_the_noise_would_be_seen():
    values, labels = pairs()
    part = part_of(values, labels, np.arange(len(values)), norm_bound=1.0)
    numbers = Constants(lam=0.1, eta=1.5, sigma=1e-7, n_0=len(values), steps=STEPS)
    half = Constants(lam=0.1, eta=1.5, sigma=0.5e-7, n_0=len(values), steps=STEPS)
    prepared = np.hstack([values, np.ones((len(values), 1))]) * part.shrink[:, None]
    law = covariance(prepared, numbers, start=np.zeros((4, 4)), steps=STEPS)
    start = np.zeros((1, FEATURES + 1))
    samples = [
        descend(start, [part], loss="binary", constants=half, after_step=lambda _: None) for _ in range(RUNS // 10)
    ]
    noise = whitened(np.vstack(samples), law)
    assert chi2.cdf((noise**2).sum(), df=noise.size) < 1e-9
