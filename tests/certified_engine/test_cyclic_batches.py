"""Cyclic mini-batches: which rows a step sees, and that nobody's slot ever moves."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from unlearning.certified import CertifiedClassifier, steps
from unlearning.certified.constants import Constants
from unlearning.certified.learn import descend
from unlearning.certified.requests import RequestRefused
from unlearning.certified.rows import batches_of, part_of


def numbered(count, *, slots=None):
    """Rows whose only feature is their own number."""
    slots = np.arange(count) if slots is None else np.array(slots)
    values = slots[:, None].astype(np.float64)
    return part_of(values, np.zeros(len(slots), dtype=np.int64), slots, norm_bound=1e9)


def seen_in(batch):
    return [int(value) for chunk in batch for value in chunk.load()[:, 0]]


def constants(n_0, batch, count=1):
    return Constants(lam=0.1, eta=0.1, sigma=1e-9, n_0=n_0, steps=count, batch=batch)


def test_a_run_visits_the_batches_of_slots_in_order_over_and_over(monkeypatch):
    visited = []

    def watch(theta, chunks, *, excess):
        visited.append(seen_in(chunks))
        return torch.zeros_like(theta)

    monkeypatch.setattr(steps, "gradient_sum", watch)
    descend(np.zeros((1, 2)), [numbered(8)], loss="binary", constants=constants(8, 3, 7), after_step=lambda _: None)
    epoch = [[0, 1, 2], [3, 4, 5], [6, 7]]
    assert visited == [*epoch, *epoch, epoch[0]]


def test_every_run_starts_at_the_first_batch(monkeypatch):
    visited = []
    monkeypatch.setattr(
        steps,
        "gradient_sum",
        lambda theta, chunks, *, excess: visited.append(seen_in(chunks)) or torch.zeros_like(theta),
    )
    for _ in range(2):
        descend(np.zeros((1, 2)), [numbered(4)], loss="binary", constants=constants(4, 2), after_step=lambda _: None)
    assert visited == [[0, 1], [0, 1]]


def test_a_batch_whose_slots_are_all_empty_is_still_a_step(known_noise):
    taken = []
    part = numbered(2, slots=[0, 9])
    descend(np.zeros((1, 2)), [part], loss="binary", constants=constants(10, 2, 5), after_step=taken.append)
    assert [seen_in(batch) for batch in batches_of([part], constants(10, 2))] == [[0], [], [], [], [9]]
    assert taken == [1, 2, 3, 4, 5]


def test_the_sum_is_divided_by_b_however_few_rows_are_left(known_noise):
    step = constants(8, 4)
    both = numbered(2, slots=[1, 2])
    got = descend(np.zeros((1, 2)), [both], loss="binary", constants=step, after_step=lambda _: None)
    # Two rows of class 0 at margin zero: excess 1/2 each; mean over b = 4 of (x, 1) / 2.
    assert got == pytest.approx(-0.1 * np.array([[(1 + 2) / 8, 2 / 8]]), abs=1e-6)


def test_a_deletion_leaves_a_tombstone_and_moves_nobody(blobs):
    values, labels = blobs(12)
    model = CertifiedClassifier(epsilon=50.0, classes=range(3), batch=5, capacity=14).fit(values, labels)
    before = model.slots_
    model.delete([2, 3, 11])
    assert model.slots_ == {record: slot for record, slot in before.items() if record not in (2, 3, 11)}
    batches = batches_of(model._line.rows.parts, Constants(lam=1, eta=1, sigma=1, n_0=14, steps=1, batch=5))
    alive = [[slot for chunk in batch for slot in np.flatnonzero(chunk.shrink.numpy())] for batch in batches]
    assert [len(batch) for batch in alive] == [3, 5, 1]


def test_a_new_row_takes_a_slot_never_used_before_any_tombstone(blobs):
    values, labels = blobs(20)
    model = CertifiedClassifier(epsilon=50.0, classes=range(3), capacity=12, batch=4).fit(values[:10], labels[:10])
    model.delete([1, 4])
    model.insert(values[10:13], labels[10:13], record_ids=["a", "b", "c"])
    assert {model.slots_[name] for name in "abc"} == {10, 11, 1}
    with pytest.raises(RequestRefused) as refused:
        model.insert(values[13:15], labels[13:15], record_ids=["d", "e"])
    assert refused.value.code == "CAPACITY_EXCEEDED"
    model.insert(values[13:14], labels[13:14], record_ids=["d"])
    assert model.slots_["d"] == 4
