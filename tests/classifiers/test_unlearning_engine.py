"""Engine classifier.unlearn in the job folder."""

import json

import numpy as np
import pytest
import torch

from tests.classifiers.small_task import GONE, ROWS, original, rows
from unlearning.classifiers.forgetting import unlearn
from unlearning.classifiers.network import load_network, save_network
from unlearning.datasets import Rows
from unlearning.runner.refusals import Refused

FORGET, RETAIN = rows()
LISTED = {"forget": {"features": list(range(GONE))}, "retain": {"features": list(range(GONE, ROWS))}}
OPTIONS = {"method": "neggrad_plus", "seed": 4, "epochs": 2, "batch": 24, "lr": 3e-3}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("original") / "weights"
    save_network(place, original())
    return place


@pytest.fixture
def job(lay_out, dataset, folder):
    def make(manifests=LISTED, *, strangers=3, **changes):
        x = torch.cat([FORGET.x, RETAIN.x]).double().numpy()
        x = np.concatenate([x, np.full((strangers, 8), 1e9)])
        y = np.concatenate([FORGET.y.numpy(), RETAIN.y.numpy(), np.full(strangers, 77)])
        features = dataset(Rows(np.arange(len(y)), y, x))
        return lay_out(
            "classifier.unlearn", OPTIONS | changes, inputs={"features": features, "model": folder}, manifests=manifests
        )

    return make


def test_the_engine_does_what_the_python_door_does_and_reads_no_row_but_the_listed_ones(job, run_here, folder):
    laid = job()
    run_here(laid)
    sides = {"forget": (FORGET.x, FORGET.y), "retain": (RETAIN.x, RETAIN.y)}
    expected = unlearn(load_network(folder), **OPTIONS, **sides)
    found = load_network(laid / "weights")
    assert all(torch.equal(a, b) for a, b in zip(found.parameters(), expected.parameters(), strict=True))
    lines = [json.loads(line) for line in (laid / "progress.jsonl").read_text().splitlines()]
    assert {(line["phase"], line["steps"]) for line in lines} == {("unlearning", 18)}
    assert lines[-1]["step"] == 18


@pytest.mark.parametrize(
    ("manifests", "code"),
    [
        ({**LISTED, "retain": {"features": [GONE - 1, GONE]}}, "MANIFESTS_OVERLAP"),
        ({"forget": LISTED["forget"]}, "MANIFEST_MISSING"),
        ({"retain": LISTED["retain"]}, "MANIFEST_MISSING"),
        ({**LISTED, "forget": {"features": []}}, "NO_ROWS"),
        ({**LISTED, "forget": {"features": [ROWS]}}, "LABEL_UNKNOWN"),
        ({**LISTED, "forget": {"features": [ROWS + 3]}}, "ROW_OUT_OF_RANGE"),
    ],
)
def test_rows_that_are_listed_wrongly_are_refused_with_a_code(job, run_here, manifests, code):
    with pytest.raises(Refused) as caught:
        run_here(job(manifests))
    assert caught.value.code == code


def test_unlearning_that_diverges_is_refused_and_leaves_no_weights(job, run_here):
    laid = job(lr=1e30)
    with pytest.raises(Refused) as caught:
        run_here(laid)
    assert caught.value.code == "TRAINING_DIVERGED"
    assert not (laid / "weights").exists()


@pytest.mark.parametrize("changes", [{"method": "salun", "beta": 0.5}, {"method": "amnesia"}, {"epochs": 0}])
def test_options_of_another_method_are_refused(job, run_here, changes):
    with pytest.raises(Refused) as caught:
        run_here(job(**changes))
    assert caught.value.code == "PARAMS_INVALID"
