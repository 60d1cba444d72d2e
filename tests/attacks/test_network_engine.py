"""The engine verify.network: what it writes, what it refuses, and that the same spec gives the same bytes."""

from __future__ import annotations

import copy
import json
import shutil

import pytest
import torch

from unlearning.catalog import with_defaults
from unlearning.classifiers.network import build, save_network
from unlearning.classifiers.tasks import digits_architecture
from unlearning.runner.refusals import Refused
from unlearning.runner.schemas import faults_of

BUDGETS = [0.0, 0.05, 0.1]
PARAMS = {"budgets": BUDGETS, "low": 0.0, "high": 16.0, "steps": 5, "restarts": 1}
UMA = "uma.linf.label_only"


@pytest.fixture(scope="module")
def remembered():
    return {}


@pytest.fixture
def plain(measure, few, remembered):
    """One run with nothing special asked, for all tests that only look."""
    if not remembered:
        remembered["folder"], remembered["found"] = measure(manifests=few)
    return remembered["folder"], remembered["found"]


@pytest.fixture
def measure(lay_out, run_here, objects):
    """Run the engine on the world's files, or on some others, and give its lines by name, arm and budget."""
    inputs, manifests = objects

    def run(params=None, **changed):
        given = {name: path for name, path in (inputs | changed.get("inputs", {})).items() if path is not None}
        rows = changed.get("manifests", manifests)
        folder = lay_out(
            "verify.network", with_defaults("verify.network", PARAMS | (params or {})), inputs=given, manifests=rows
        )
        run_here(folder)
        document = json.loads((folder / "measurements.json").read_text())
        assert faults_of("measurements", document) == []
        return folder, {(line["name"], line["arm"], line["budget"]): line for line in document["measurements"]}

    return run


@pytest.fixture(scope="module")
def few(objects):
    """Manifests with a handful of rows: enough where only the form of the answer is looked at."""
    _, manifests = objects
    return {
        "forget": {"features": manifests["forget"]["features"][:12]},
        "canaries": {"features": manifests["forget"]["features"][:5]},
        "retain": manifests["retain"],
        "holdout": {"holdout": list(range(48, 72))},
    }


def test_every_arm_has_bits_for_every_budget_and_a_least_budget_per_row(plain):
    _, found = plain
    arms = {"A": 7, "B:0": 7, "B:1": 7, "P": 7, "C": 24, "D:0": 24, "D:1": 24, "E": 7}
    assert {arm for name, arm, _ in found if name == UMA} == set(arms)
    for arm, trials in arms.items():
        least = found[f"{UMA}.minimum", arm, None]["per_record"]
        for budget in BUDGETS:
            line = found[UMA, arm, budget]
            assert line["trials"] == trials
            assert line["per_record"] == [int(change is not None and change <= budget) for change in least]


def test_canaries_leave_the_people_and_are_measured_beside_twins_of_their_own(plain):
    _, found = plain
    assert found[f"canary.{UMA}", "A", 0.0]["trials"] == 5
    assert found[f"canary.{UMA}", "C", 0.0]["trials"] == 20
    assert found[UMA, "A", 0.0]["trials"] == 7


def test_what_deleted_people_references_and_the_original_gave_is_sealed(plain):
    _, found = plain
    for (name, arm, _), line in found.items():
        about_people = not name.startswith(("canary.", "utility.")) and arm[0] != "C"
        assert line["tier"] == ("sealed" if about_people or arm[0] in "BDP" else "open"), (name, arm)


def test_utility_is_counted_on_the_never_seen_rows(plain, world):
    rows = world.unseen.at(range(48, 72))
    right = int((world.finetuned(rows.x).argmax(dim=1) == rows.y).sum())
    line = plain[1]["utility.accuracy", "A", None]
    assert (line["successes"], line["trials"]) == (right, 24)


def test_the_same_spec_gives_the_same_bytes(measure, few):
    rows = few | {"forget": {"features": few["forget"]["features"][5:8]}, "holdout": {"holdout": list(range(10))}}
    one, other = (measure({"restarts": 3}, manifests=rows)[0] for _ in range(2))
    assert (one / "measurements.json").read_bytes() == (other / "measurements.json").read_bytes()


def test_progress_counts_rows_and_ends_at_their_number(plain):
    folder, _ = plain
    lines = [json.loads(line) for line in (folder / "progress.jsonl").read_text().splitlines()]
    people = [line for line in lines if line["phase"] == "attacking people"]
    assert people[-1]["step"] == people[-1]["steps"] == 4 * 7 + 3 * 24 + 7
    assert people[-1]["rate"] > 0
    assert lines[-1]["phase"] == "attacking canaries"


def test_aimed_at_what_the_original_said_the_original_gives_it_without_any_change(measure, few):
    _, found = measure({"target": "with_original"}, manifests=few)
    assert found["uma.linf.with_original", "P", 0.0]["value"] == 1.0


def test_transferred_queries_are_lines_of_their_own_and_weaker_than_the_attack(measure, few):
    _, found = measure({"transfer": "original"}, manifests=few)
    for arm in ("A", "B:0"):
        carried, direct = (found[name, arm, 0.1]["successes"] for name in (f"{UMA}.transfer", UMA))
        assert carried <= direct
    assert found[f"{UMA}.transfer", "P", 0.1]["value"] == 1.0
    _, found = measure({"transfer": "reference"}, manifests=few)
    assert (f"{UMA}.transfer", "B:0", 0.1) not in found  # the queries were made on it
    assert (f"{UMA}.transfer", "B:1", 0.1) in found


@pytest.mark.parametrize("params", [{"transfer": "original"}, {"transfer": "reference"}, {"target": "with_original"}])
def test_what_the_original_or_a_reference_aimed_or_crafted_is_sealed_on_every_row(measure, few, params):
    _, found = measure(params, manifests=few)
    made_by_it = [line for (name, _, _), line in found.items() if "transfer" in name or "with_original" in name]
    assert {line["arm"][0] for line in made_by_it} == set("ABCDEP")
    assert {line["tier"] for line in made_by_it} == {"sealed"}


def test_frozen_features_leave_the_attack_nothing_to_change(measure, few):
    _, found = measure({"frozen": list(range(64))}, manifests=few)
    for arm in ("A", "C", "P"):
        assert found[UMA, arm, 0.1]["per_record"] == found[UMA, arm, 0.0]["per_record"]


def test_without_references_the_candidate_is_measured_alone(measure, few):
    _, found = measure({"references": "none"}, inputs={"references": None}, manifests=few)
    assert {arm for name, arm, _ in found if name == UMA} == {"A", "C", "E", "P"}


def test_fresh_references_that_are_missing_are_refused(measure, few):
    with pytest.raises(Refused, match="REFERENCE_MISSING"):
        measure({"references": "fresh"}, inputs={"references": None}, manifests=few)
    with pytest.raises(Refused, match="REFERENCE_MISSING"):
        measure({"transfer": "reference"}, inputs={"references": None}, manifests=few)


def test_references_that_nobody_asked_for_are_refused(measure, few):
    with pytest.raises(Refused, match="REFERENCE_UNASKED"):
        measure({"references": "none"}, manifests=few)


def test_networks_of_another_shape_are_not_compared(measure, few, tmp_path):
    save_network(tmp_path / "other", build(digits_architecture(width=4), seed=0))
    with pytest.raises(Refused, match="MODEL_MISMATCH"):
        measure(inputs={"original": tmp_path / "other"}, manifests=few)


@pytest.mark.parametrize("sources", [("references/seed_0", "references/seed_0"), ("references/seed_0", "original")])
def test_the_same_training_twice_or_the_original_is_no_control(measure, few, objects, tmp_path, sources):
    for k, source in enumerate(sources):
        shutil.copytree(objects[0]["original"].parent / source, tmp_path / "references" / f"seed_{k}")
    with pytest.raises(Refused, match="REFERENCES_ALIKE"):
        measure(inputs={"references": tmp_path / "references"}, manifests=few)


@pytest.mark.parametrize("role", ["holdout", "retain"])
def test_a_deleted_row_is_neither_never_seen_nor_retained(measure, few, role):
    with pytest.raises(Refused, match="MANIFESTS_OVERLAP"):
        measure(manifests=few | {role: {"features": few["forget"]["features"][6:]}})


def test_a_network_whose_logits_overflow_is_not_compared(measure, few, world, tmp_path):
    broken = copy.deepcopy(world.finetuned)
    with torch.no_grad():
        for value in broken.parameters():
            value.mul_(1e30)
    save_network(tmp_path / "broken", broken)
    with pytest.raises(Refused, match="LOGITS_NOT_FINITE"):
        measure(inputs={"candidate": tmp_path / "broken"}, manifests=few)


def test_without_rows_to_test_the_engine_refuses(measure, few):
    with pytest.raises(Refused, match="NOTHING_TO_TEST"):
        measure(manifests={"forget": few["forget"]})


@pytest.mark.parametrize("params", [{"low": [0.0] * 3}, {"frozen": [64]}])
def test_bounds_for_other_rows_are_refused(measure, few, params):
    with pytest.raises(Refused, match="WIDTH_MISMATCH"):
        measure(params, manifests=few)


def test_tables_have_bounds_per_feature_and_twins_as_far_out_as_their_canaries(
    lay_out, run_here, tmp_path, few, objects
):
    inputs, _ = objects
    mlp = build(digits_architecture("mlp", width=8), seed=0)
    save_network(tmp_path / "mlp", mlp)
    folder = lay_out(
        "verify.network",
        with_defaults("verify.network", {"budgets": [0.1], "low": [0.0] * 64, "high": [16.0] * 64, "norm": "l2"}),
        inputs={"candidate": tmp_path / "mlp", "original": tmp_path / "mlp"}
        | {n: inputs[n] for n in ("features", "holdout")},
        manifests=few,
    )
    run_here(folder)
    lines = json.loads((folder / "measurements.json").read_text())["measurements"]
    assert {line["trials"] for line in lines if line["name"] == "canary.uma.l2.label_only" and line["arm"] == "C"} == {
        20
    }


def test_probes_of_the_blind_side_are_written_when_asked_for(measure, few):
    rows = few | {"retain": {"features": few["retain"]["features"][:100]}, "holdout": {"holdout": list(range(120))}}
    _, found = measure({"probes": ["probe.centroid", "relearning.retain"], "budgets": [0.0]}, manifests=rows)
    names = {name for name, _, _ in found}
    assert {"probe.centroid", "relearning.retain", "canary.probe.centroid", "canary.relearning.retain"} <= names


def test_membership_is_written_when_asked_for_and_likelihood_ratios_need_shadows(measure, few):
    _, found = measure({"membership": ["loss"], "budgets": [0.0]}, manifests=few)
    for prefix in ("", "canary."):
        assert found[f"{prefix}membership.loss", "A", None]["value"] is not None
        assert found[f"{prefix}membership.loss.near", "A", 0.1]["trials"] == (5 if prefix else 7)
    with pytest.raises(Refused, match="SHADOWS_MISSING"):
        measure({"membership": ["lira"], "budgets": [0.0]}, manifests=few)


def test_retain_only_steps_need_retained_rows(measure, few):
    rows = {name: listed for name, listed in few.items() if name != "retain"}
    with pytest.raises(Refused, match="RETAINED_MISSING"):
        measure({"probes": ["relearning.retain"]}, manifests=rows)
