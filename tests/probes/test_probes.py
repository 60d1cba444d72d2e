"""The probes themselves: by hand, against a library, and without touching what they look at."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Ridge
from sklearn.neighbors import NearestCentroid

from tests.probes.glass import battery, never_learned
from unlearning.runner.refusals import Refused
from unlearning.verification.network_arms import NetworkModels
from unlearning.verification.probes.features import (
    RIDGE,
    centroid_reading,
    cross_read,
    linear_reading,
)
from unlearning.verification.probes.lines import PROBES, probe_lines
from unlearning.verification.probes.relearning import Lesson, left_out, relearned_bits, taught_copy

QUICK = {"draws": 1, "steps": 2, "retain_steps": 3}


def blobs() -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(0)
    labels = np.repeat([0, 2, 5], [12, 20, 8])
    return draw.normal(size=(40, 6)) + 1.5 * np.eye(6)[labels], labels


def test_nearest_centroid_by_hand():
    fitting = np.array([[0.0, 0.0], [2.0, 0.0], [10.0, 0.0]])
    asked = np.array([[5.4, 0.0], [5.6, 0.0], [1.0, 9.0]])
    assert centroid_reading(fitting, np.array([4, 4, 7]), asked).tolist() == [4, 7, 4]


def test_nearest_centroid_is_scikit_learns():
    rows, labels = blobs()
    peer = NearestCentroid().fit(rows[::2], labels[::2]).predict(rows[1::2])
    assert (centroid_reading(rows[::2], labels[::2], rows[1::2]) == peer).all()


def test_the_linear_probe_is_scikit_learns_ridge_on_one_hot_targets():
    rows, labels = blobs()
    fitting, asked, known = rows[::2], rows[1::2], labels[::2]
    scaled = [(part - fitting.mean(axis=0)) / fitting.std(axis=0) for part in (fitting, asked)]
    peer = Ridge(alpha=RIDGE * len(fitting)).fit(scaled[0], known[:, None] == np.unique(known)).predict(scaled[1])
    assert (linear_reading(fitting, known, asked) == np.unique(known)[peer.argmax(axis=1)]).all()


def test_a_feature_that_never_varies_says_nothing_and_breaks_nothing():
    rows, labels = blobs()
    silent = np.hstack([rows, np.full((40, 1), 1e6)])
    loud = silent.copy()
    loud[:, -1] = -3.0
    assert (linear_reading(silent, labels, loud) == linear_reading(rows, labels, rows)).all()


def test_a_never_seen_row_is_read_by_a_probe_that_did_not_see_its_label():
    rows = np.eye(20) * 100.0
    labels = np.arange(20) % 2
    assert (linear_reading(rows, labels, rows) == labels).all()
    own = cross_read(linear_reading, rows, labels)
    turned = np.where(np.arange(20) == 7, 1 - labels, labels)
    assert cross_read(linear_reading, rows, turned)[7] == own[7]


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 60), st.data(), st.integers(1, 6), st.integers(0, 99))
def test_every_row_is_asked_at_least_once_and_each_draw_teaches_the_same_number(count, data, draws, seed):
    records = data.draw(st.integers(1, count - 1))
    windows = left_out(count, records=records, draws=draws, seed=seed)
    assert len(windows) >= draws
    assert all(len(set(window.tolist())) == count - records for window in windows)
    assert set(np.concatenate(windows).tolist()) == set(range(count))


def test_a_lesson_leaves_the_model_and_the_global_generator_as_they_were():
    model = never_learned(0)
    before, state = copy.deepcopy(model.state_dict()), torch.random.get_rng_state()
    rows = battery().data.deleted
    pupil = taught_copy(model, [(rows.x, rows.y)] * 3, lr=0.1)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert not torch.equal(pupil.head.bias, model.head.bias)
    assert torch.equal(torch.random.get_rng_state(), state)
    bits = [relearned_bits(model, rows, records=5, lesson=Lesson(**QUICK), seed=3) for _ in range(2)]
    assert (bits[0] == bits[1]).all()


def test_lines_name_every_arm_and_what_retained_people_taught_is_sealed():
    model = never_learned(0)
    params = {"probes": list(PROBES), "lesson": QUICK}
    lines = probe_lines(NetworkModels(model, model, (model,)), battery().data, params, prefix="canary.", tier="open")
    budgets = {name: {line["budget"] for line in lines if line["name"] == f"canary.{name}"} for name in PROBES}
    assert budgets == {
        "relearning.records": {1.0, 5.0, 10.0},
        "relearning.retain": {3.0},
        "probe.linear": {0.0},
        "probe.centroid": {0.0},
    }
    for name in PROBES:
        tiers = {line["arm"]: line["tier"] for line in lines if line["name"] == f"canary.{name}"}
        seen = "sealed" if name == "relearning.retain" else "open"
        assert tiers == {"A": seen, "B:0": "sealed", "C": seen, "D:0": "sealed", "P": "sealed"}


def test_lines_depend_on_nothing_but_models_rows_and_seed():
    model = never_learned(0)
    params = {"probes": list(PROBES), "lesson": QUICK, "seed": 5}
    once, again = (
        probe_lines(NetworkModels(model, model, (model,)), battery().data, params, prefix="", tier="sealed")
        for _ in range(2)
    )
    assert once == again


def test_no_refusal_hangs_on_the_deleted_rows():
    data, model = battery().data, never_learned(0)
    models, params = NetworkModels(model, model, (model,)), {"probes": list(PROBES), "lesson": QUICK}
    alone = replace(data, deleted=data.deleted.at([0]))
    lines = probe_lines(models, alone, params, prefix="", tier="sealed")
    assert {line["name"] for line in lines} == set(PROBES) - {"relearning.records"}
    strange = replace(data, fitting=data.retained)
    lines = probe_lines(models, strange, {"probes": ["probe.linear"]}, prefix="", tier="sealed")
    assert {line["successes"] for line in lines if line["arm"] in "ABP"} == {0}


def test_what_cannot_be_probed_is_refused_with_its_remedy():
    data, model = battery().data, never_learned(0)
    idle = replace(data, retained=data.retained.at([]))
    cases = [
        (data, model, "probe.telepathy", "PROBE_UNKNOWN"),
        (idle, model, "relearning.retain", "RETAINED_MISSING"),
        (data, model.forward, "relearning.retain", "NOT_TRAINABLE"),
        (data, model.forward, "probe.centroid", "FEATURES_UNKNOWN"),
    ]
    for rows, given_model, name, code in cases:
        with pytest.raises(Refused) as refusal:
            probe_lines(NetworkModels(given_model, model, ()), rows, {"probes": [name]}, prefix="", tier="sealed")
        assert refusal.value.code == code
