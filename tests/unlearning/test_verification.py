"""What the measurements show: a leak stands out, an honest deletion does not, a wrecked model falls below."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from unlearning.accounting import Ledger, Released
from unlearning.catalog import preset
from unlearning.datasets import Rows
from unlearning.linear import LinearModel, Preparation, load_model, save_model
from unlearning.runner.refusals import Refused
from unlearning.runner.schemas import faults_of
from unlearning.verification.canaries import draw_canaries, unseen_twins

torch.set_num_threads(1)
PATIENTS = preset("breast-cancer")
PREPARATION = Preparation.from_params(PATIENTS)
PLAIN = {name: PATIENTS[name] for name in ("norm_bound", "classes", "centres", "scales")} | {"lam": 1e-4}
PEOPLE, HOLDOUT = list(range(455)), list(range(455, 569))
CANARIES = list(range(569, 593))
COPIES = list(range(593, 593 + 24 * 20))
FORGET = list(range(12))
KEPT = PEOPLE[12:]
BUDGETS = [0.0, 0.01, 0.02, 0.05]
MARGIN = 0.10


@pytest.fixture(scope="module")
def planted(patients):
    """The patients, then 24 canaries, then twenty copies of each canary: what a leaking recipe would train on."""
    rows, labels = draw_canaries(PREPARATION, count=24, reach=3.0, seed=1)
    features = np.vstack([patients.features, rows, np.repeat(rows, 20, axis=0)])
    all_labels = np.concatenate([patients.labels, labels, np.repeat(labels, 20)])
    return Rows(np.arange(len(all_labels), dtype=np.int64), all_labels, features)


@pytest.fixture
def model(lay_out, run_here, dataset, planted):
    """Train or delete with an engine on some rows, and give the job folder."""
    features = dataset(planted)

    def make(engine, params, retain, *, inputs=None, forget=None):
        manifests = {"retain": {"features": retain}} | ({"forget": {"features": forget}} if forget else {})
        folder = lay_out(engine, params, inputs={"features": features, **(inputs or {})}, manifests=manifests)
        run_here(folder)
        return folder

    return make


@pytest.fixture
def measure(lay_out, run_here, dataset, planted):
    """Run verify.linear and give {(name, arm, budget): measurement}."""
    features = dataset(planted)

    def run(candidate, original, references, **params):
        named = {f"reference_{k}": folder for k, folder in enumerate(references)}
        folder = lay_out(
            "verify.linear",
            {"budgets": BUDGETS} | params,
            inputs={"candidate": candidate, "original": original, "features": features, **named},
            manifests={
                "forget": {"features": FORGET},
                "canaries": {"features": CANARIES},
                "holdout": {"features": HOLDOUT},
            },
        )
        run_here(folder)
        document = json.loads((folder / "measurements.json").read_text())
        assert faults_of("measurements", document) == []
        return {(line["name"], line["arm"], line["budget"]): line for line in document["measurements"]}

    return run


def excess(found, name, budget, references):
    controls = [found[name, f"B:{k}", budget]["value"] for k in range(references)]
    return found[name, "A", budget]["value"] - float(np.mean(controls)), controls


def test_memorised_canaries_stand_far_above_retrained_references(model, measure):
    leak = model("train.plain", PLAIN, KEPT + CANARIES + COPIES) / "weights"
    references = [model("train.plain", PLAIN | {"seed": seed}, KEPT) / "weights" for seed in range(3)]
    found = measure(leak, leak, references)
    for budget in (0.0, 0.01, 0.02):
        above, controls = excess(found, "canary.uma.linf.label_only", budget, 3)
        assert above > MARGIN + 0.15
        assert found["canary.uma.linf.label_only", "A", budget]["value"] > max(controls)
        assert found["canary.uma.linf.label_only", "P", budget]["value"] >= 0.9
        assert found["canary.uma.linf.label_only", "C", budget]["value"] < 0.7
    known = [found["canary.membership.loss", arm, None]["value"] for arm in ("A", "B:0", "B:1", "B:2")]
    assert known[0] > max(known[1:]) + 0.1


def test_an_honestly_deleted_certified_model_shows_no_excess(model, measure, tmp_path):
    parent = model("certified.train", PATIENTS, PEOPLE + CANARIES)
    published = Ledger.from_json((parent / "ledger.json").read_text()).then(Released(release="one"))
    (tmp_path / "ledger.json").write_text(published.to_json())
    inputs = {"model": parent / "weights", "ledger": tmp_path / "ledger.json"}
    child = model("certified.delete", PATIENTS | {"steps": 60}, KEPT, inputs=inputs, forget=FORGET + CANARIES)
    references = [model("certified.train", PATIENTS, KEPT) / "weights" for _ in range(5)]
    found = measure(child / "weights", parent / "weights", references)
    for budget in BUDGETS:
        above, controls = excess(found, "canary.uma.linf.label_only", budget, 5)
        # The noise of one draw moves a handful of the 24 canaries; a leak moves all that are not won by luck.
        assert above < 0.3
        people, _ = excess(found, "uma.linf.label_only", budget, 5)
        assert abs(people) < 0.3
    accuracy = found["utility.accuracy", "A", None]
    assert accuracy["successes"] / accuracy["trials"] > 0.85


def test_a_wrecked_model_falls_far_below_its_control(model, measure, tmp_path):
    whole = model("train.plain", PLAIN, PEOPLE) / "weights"
    references = [model("train.plain", PLAIN, KEPT) / "weights"]
    good = load_model(whole)
    save_model(tmp_path / "wreck", LinearModel(-good.theta, good.preparation))
    found = measure(tmp_path / "wreck", whole, references)
    below, _ = excess(found, "uma.linf.label_only", 0.0, 1)
    assert below < -0.6
    wrecked, control = (found["utility.accuracy", arm, None]["successes"] for arm in ("A", "B:0"))
    assert wrecked < control - 80


def test_what_deleted_people_and_references_gave_is_sealed_and_the_rest_is_open(model, measure):
    folder = model("train.plain", PLAIN, PEOPLE) / "weights"
    found = measure(folder, folder, [folder])
    for (name, arm, _), line in found.items():
        about_people = not name.startswith(("canary.", "utility.")) and arm[0] != "C"
        of_a_reference = arm[0] in "BDP"
        assert line["tier"] == ("sealed" if about_people or of_a_reference else "open"), (name, arm)


def test_every_arm_has_bits_for_every_budget_and_rows_pair_up_across_models(model, measure):
    folder = model("train.plain", PLAIN, PEOPLE) / "weights"
    found = measure(folder, folder, [folder, folder])
    for prefix, deleted, unseen in (("", 12, 114), ("canary.", 24, 96)):
        for arm, trials in [("A", deleted), ("B:1", deleted), ("P", deleted), ("E", deleted), ("C", unseen)]:
            lines = [found[f"{prefix}uma.linf.label_only", arm, budget] for budget in BUDGETS]
            assert [line["trials"] for line in lines] == [trials] * len(BUDGETS)
            assert all(sum(line["per_record"]) == line["successes"] for line in lines)
            least = found[f"{prefix}uma.linf.label_only.minimum", arm, None]["per_record"]
            assert lines[2]["per_record"] == [int(change is not None and change <= BUDGETS[2]) for change in least]
        same = [found[f"{prefix}uma.linf.label_only", arm, 0.02]["per_record"] for arm in ("A", "B:0", "B:1", "P")]
        assert same[0] == same[1] == same[2] == same[3]


def test_the_attack_may_aim_at_what_the_original_said(model, measure):
    folder = model("train.plain", PLAIN, PEOPLE) / "weights"
    found = measure(folder, folder, [folder], target="with_original", norm="l2")
    assert found["uma.l2.with_original", "P", 0.0]["value"] == 1.0
    assert found["uma.l2.with_original", "D:0", 0.0]["value"] == 1.0


def test_models_that_prepare_rows_differently_are_not_compared(model, measure):
    folder = model("train.plain", PLAIN, PEOPLE) / "weights"
    other = model("train.plain", PLAIN | {"norm_bound": 2.0}, PEOPLE) / "weights"
    with pytest.raises(Refused, match="MODEL_MISMATCH"):
        measure(folder, folder, [other])


def test_without_rows_to_test_the_engine_refuses(lay_out, run_here, model):
    folder = model("train.plain", PLAIN, PEOPLE)
    inputs = {"candidate": folder / "weights", "original": folder / "weights"}
    job = lay_out(
        "verify.linear", {"budgets": [0.0]}, inputs=inputs | {"features": folder / "inputs" / "features"}, manifests={}
    )
    with pytest.raises(Refused, match="NOTHING_TO_TEST"):
        run_here(job)


def test_ten_classes_are_attacked_exactly_too(lay_out, run_here, dataset, digits):
    params = {name: preset("digits")[name] for name in ("norm_bound", "classes", "centres", "scales")} | {"lam": 1e-3}
    features = dataset(digits)
    trained = lay_out(
        "train.plain", params, inputs={"features": features}, manifests={"retain": {"features": list(range(1400))}}
    )
    run_here(trained)
    candidate = trained / "weights"
    job = lay_out(
        "verify.linear",
        {"budgets": [0.0, 0.02, 0.5], "norm": "linf"},
        inputs={"candidate": candidate, "original": candidate, "features": features},
        manifests={"forget": {"features": list(range(20))}, "holdout": {"features": list(range(1400, 1500))}},
    )
    run_here(job)
    lines = json.loads((job / "measurements.json").read_text())["measurements"]
    rates = [line["value"] for line in lines if line["arm"] == "C" and line["budget"] is not None]
    assert rates == sorted(rates)
    assert rates[0] > 0.8
    assert rates[-1] == 1.0


def test_canaries_lie_far_out_and_their_twins_exactly_as_far():
    rows, labels = draw_canaries(PREPARATION, count=40, reach=3.0, seed=1)
    assert np.abs(PREPARATION.scaled(rows)) == pytest.approx(3.0)
    assert set(labels) == {0, 1}
    twins, positions = unseen_twins(rows, PREPARATION, count=80, seed=2)
    assert np.abs(PREPARATION.scaled(twins)) == pytest.approx(3.0)
    assert positions.shape == (80,)
    assert not (twins[:, None] == rows).all(axis=2).any()
