"""One sum of row gradients: the same number whatever the layout, and what calculus says."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from unlearning.certified import kernel, rows
from unlearning.certified.constants import Constants
from unlearning.certified.kernel import gradient_sum, rows_per_chunk
from unlearning.certified.objective import EXCESS
from unlearning.certified.rows import batches_of, part_of
from unlearning.linear import Preparation

FULL = Constants(lam=1.0, eta=1.0, sigma=1.0, n_0=100, steps=1)


def loss_by_hand(theta, rows_NG, positions, loss):
    """The sum of losses, written as in a textbook, for torch to differentiate."""
    logits = rows_NG @ theta.T
    if loss.startswith("capped_"):
        return capped_by_hand(logits, positions)
    if loss == "softmax":
        return torch.nn.functional.cross_entropy(logits, positions, reduction="sum")
    target = positions[:, None].double()
    if loss == "one_vs_rest":
        target = torch.nn.functional.one_hot(positions, len(theta)).double()
    return torch.nn.functional.binary_cross_entropy_with_logits(logits, target, reduction="sum")


def capped_by_hand(logits, positions):
    """Cross-entropy up to ln 2; beyond, half the margin to all others together, and ln 2 where the two meet."""
    if logits.shape[1] == 1:
        logits = torch.cat([torch.zeros_like(logits), logits], dim=1)
    others = logits.scatter(1, positions[:, None], -torch.inf).logsumexp(dim=1)
    behind = others - logits.gather(1, positions[:, None])[:, 0]
    return torch.where(behind < 0, torch.nn.functional.softplus(behind), math.log(2.0) + behind / 2).sum()


def problem(seed, count, features, classes, loss):
    draw = np.random.default_rng(seed)
    values = draw.normal(scale=draw.choice([0.1, 3.0]), size=(count, features))
    positions = draw.integers(2 if loss.endswith("binary") else classes, size=count)
    theta = torch.from_numpy(draw.normal(size=(1 if loss.endswith("binary") else classes, features + 1)))
    return values, positions, theta


def expected(values, positions, theta, loss, norm_bound=1.0):
    prepared = Preparation((0, 1), (0.0,) * values.shape[1], (1.0,) * values.shape[1], norm_bound).augmented(values)
    theta = theta.clone().requires_grad_(True)
    loss_by_hand(theta, torch.from_numpy(prepared), torch.from_numpy(positions), loss).backward()
    return theta.grad.numpy()


def streamed(values, positions, theta, loss, *, constants=FULL, **more):
    part = part_of(values, positions, np.arange(len(values)), norm_bound=1.0, **more)
    chunks = [chunk for batch in batches_of([part], constants) for chunk in batch]
    return gradient_sum(theta, chunks, excess=EXCESS[loss]).numpy()


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(sorted(EXCESS)),
    st.integers(1, 40),
    st.integers(1, 6),
    st.integers(2, 5),
    st.integers(1, 50),
    st.sampled_from([None, 1, 7, 40]),
    st.integers(0, 10**6),
)
def test_it_is_the_derivative_of_the_textbook_loss_for_every_loss_chunk_and_batch(
    loss, count, features, classes, chunk, batch, seed
):
    values, positions, theta = problem(seed, count, features, classes, loss)
    constants = Constants(lam=1.0, eta=1.0, sigma=1.0, n_0=count, steps=1, batch=batch and min(batch, count))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel, "rows_per_chunk", lambda features, device: chunk)
        got = streamed(values, positions, theta, loss, constants=constants)
    assert got == pytest.approx(expected(values, positions, theta, loss), rel=1e-11, abs=1e-12)


@pytest.mark.parametrize("loss", sorted(EXCESS))
def test_neither_the_order_in_memory_nor_the_type_of_the_features_changes_it(loss, tmp_path):
    values, positions, theta = problem(3, 30, 4, 3, loss)
    values = np.round(values * 8)  # whole numbers, so that every type holds them exactly
    want = expected(values, positions, theta, loss)
    np.save(tmp_path / "x.npy", values)
    shapes = {
        "columns first": np.asfortranarray(values),
        "every second row": np.repeat(values, 2, axis=0)[::2],
        "float32": values.astype(np.float32),
        "int16": values.astype(np.int16),
        "other bytes first": values.astype(">f8"),
        "a file": np.load(tmp_path / "x.npy", mmap_mode="r"),
    }
    for name, given_values in shapes.items():
        assert streamed(given_values, positions, theta, loss) == pytest.approx(want, rel=1e-12), name


def test_a_row_too_long_to_be_squared_adds_nothing_and_spoils_nothing():
    values, positions, theta = problem(5, 9, 3, 3, "softmax")
    with_a_giant = np.vstack([values, [[1e300, -1e300, 1e300]]])
    got = streamed(with_a_giant, np.append(positions, 0), theta, "softmax")
    assert got == pytest.approx(expected(values, positions, theta, "softmax"), rel=1e-12)


def test_features_in_memory_are_seen_where_they_lie_and_never_copied():
    values = np.ones((10, 3))
    part = part_of(values, np.zeros(10, dtype=np.int64), np.arange(10), norm_bound=1.0)
    (chunk,) = batches_of([part], FULL)[0]
    assert chunk.load().data_ptr() == values.__array_interface__["data"][0]


def test_a_chunk_fits_the_cache_but_is_never_a_handful_of_rows():
    assert 100 <= rows_per_chunk(784) <= 400
    assert rows_per_chunk(10**6) == rows_per_chunk(10**7) >= 16
    assert rows_per_chunk(1) <= 10_000 < rows_per_chunk(1, device="cuda")


def test_rows_are_measured_chunk_by_chunk_as_if_all_at_once(monkeypatch):
    values = np.random.default_rng(0).normal(size=(50, 4))
    whole = part_of(values, np.zeros(50, dtype=np.int64), np.arange(50), norm_bound=0.7).shrink
    monkeypatch.setattr(rows, "_MEASURED_BYTES", 8 * 4 * 7)
    cut = part_of(values, np.zeros(50, dtype=np.int64), np.arange(50), norm_bound=0.7).shrink
    assert np.array_equal(whole, cut)
    assert (np.hypot(np.linalg.norm(values, axis=1), 1.0) * cut).max() <= 0.7
