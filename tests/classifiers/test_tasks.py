"""The two digits tasks: what is planted is really memorised, and never-seen rows are in no training."""

import numpy as np
import pytest
import torch

from unlearning.classifiers.network import build
from unlearning.classifiers.tasks import TRAINING, class_task, digits_architecture, records_task
from unlearning.classifiers.training import fit


def rows_of(part):
    return {row.tobytes() for row in part.x}


@pytest.mark.parametrize("make", [records_task, class_task])
def test_a_task_is_made_by_its_seed_and_its_parts_share_no_row(make):
    task, again, other = make(seed=3), make(seed=3), make(seed=4)
    assert np.array_equal(task.train.y, again.train.y)
    assert np.array_equal(task.forget, again.forget)
    assert not np.array_equal(task.forget, other.forget)
    assert sorted([*task.forget, *task.retain]) == list(range(len(task.train)))
    parts = [rows_of(part) for part in (task.train, task.unseen, task.test)]
    assert not parts[0] & parts[1]
    assert not (parts[0] | parts[1]) & parts[2]


def test_half_of_the_records_to_forget_and_half_of_their_unseen_twins_are_mislabelled():
    task, truth = records_task(seed=3, count=30), records_task(seed=3, count=0)
    true = {
        row.tobytes(): label for part in (truth.train, truth.test) for row, label in zip(part.x, part.y, strict=True)
    }
    wrong = [true[row.tobytes()] != label for row, label in zip(task.train.x, task.train.y, strict=True)]
    assert np.flatnonzero(wrong).tolist() == task.planted.tolist()
    assert set(task.planted) < set(task.forget)
    assert len(task.planted) == 15
    unseen = [true[row.tobytes()] != label for row, label in zip(task.unseen.x, task.unseen.y, strict=True)]
    assert (sum(unseen), len(unseen)) == (15, 30)


def test_a_class_task_forgets_one_digit_whole():
    task = class_task(seed=3, digit=7)
    assert set(task.train.y[task.forget]) == set(task.unseen.y) == {7}
    assert 7 not in set(task.train.y[task.retain]) | set(task.test.y)


@pytest.mark.slow  # tests/verdicts asks for as much of the same task each time
def test_only_a_network_that_held_the_planted_records_knows_their_labels():
    task, made = records_task(seed=0, count=40, train_rows=250), digits_architecture(width=8)

    def known(part, seed):
        network = build(made, seed=seed)
        fit(network, network.scaled(part.x), part.y, **TRAINING | {"batch": 16}, seed=seed)
        with torch.no_grad():
            found = network(network.scaled(task.train.x[task.planted])).argmax(dim=1).numpy()
        return float((found == task.train.y[task.planted]).mean())

    assert known(task.train, seed=0) > 0.6
    assert known(task.train.at(task.retain), seed=1) < 0.2
