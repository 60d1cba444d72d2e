"""The two engines in the job folder, and the generator's file."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.generators.small_generators import DECODER, DIGITS, FORGOTTEN, INPAINTER
from tests.unlearning.conftest import digits
from unlearning.catalog import engine_spec, validate_params
from unlearning.runner.digests import digest_of
from unlearning.runner.refusals import Refused
from unlearning.runner.schemas import faults_of
from unlearning.verification.generators.models import Blueprint, build_generator, load_generator, save_generator

__all__ = ["digits"]
LEARNED, UNSEEN = range(300), range(1200, 1600)
SIZES = {"shape": [8, 8], "classes": list(range(10)), "low": 0, "high": 16, "width": 16, "epochs": 2, "latent": 4}
TRAIN = {"decoder": SIZES | {"family": "decoder"}, "inpainter": SIZES | {"family": "inpainter", "hidden_rows": 4}}
# What a real job would take seconds for: the numbers are not looked at here, only that they are there.
QUICK = {
    "decoder": {"label": FORGOTTEN, "noises": 8, "search_steps": [0, 2]},
    "inpainter": {"budgets": [0, 0.1], "steps": 2},
}


@pytest.fixture
def trained(lay_out, run_here, dataset, digits):
    """Train with the engine; gives the weights' folder."""

    def make(family, rows=LEARNED, **params):
        manifests = {"retain": {"features": list(rows)}}
        inputs = {"features": dataset(digits)}
        folder = lay_out("generator.train", TRAIN[family] | params, inputs=inputs, manifests=manifests)
        run_here(folder)
        return folder / "weights"

    return make


@pytest.fixture
def attacked(lay_out, run_here, dataset, digits, tmp_path):
    """Run verify.generator on generators of random weights, which cost nothing to make; gives its lines."""

    def made(family, *, seed):
        sizes = {name: value for name, value in TRAIN[family].items() if name != "epochs"}
        save_generator(tmp_path / f"{family}-{seed}", build_generator(Blueprint.from_params(sizes), seed=seed))
        return tmp_path / f"{family}-{seed}"

    def run(family, *, references=2, as_folder=False, manifests=None, **params):
        forget = [int(row) for row in LEARNED if digits.labels[row] == FORGOTTEN]
        candidate = made(family, seed=9)
        models = {"candidate": candidate, "original": candidate}
        controls = {str(seed): made(family, seed=seed) for seed in range(references)}
        if as_folder:
            for seed, folder in controls.items():
                (tmp_path / "references").mkdir(exist_ok=True)
                folder.rename(tmp_path / "references" / f"seed_{seed}")
            models["references"] = tmp_path / "references"
        else:
            models |= {f"reference_{seed}": folder for seed, folder in controls.items()}
        inputs = models | {"features": dataset(digits)}
        sound = {"forget": {"features": forget}, "holdout": {"features": list(UNSEEN)}}
        folder = lay_out("verify.generator", QUICK[family] | params, inputs=inputs, manifests=sound | (manifests or {}))
        run_here(folder)
        document = json.loads((folder / "measurements.json").read_text())
        assert faults_of("measurements", document) == []
        return document["measurements"]

    return run


def test_the_same_seed_trains_the_same_bytes_and_another_seed_others(trained):
    first, again, other = trained("decoder"), trained("decoder"), trained("decoder", seed=1)
    assert digest_of(first) == digest_of(again) != digest_of(other)


@pytest.mark.parametrize("family", ["decoder", "inpainter"])
def test_the_attack_writes_every_arm_with_a_tier(attacked, family):
    lines = attacked(family)
    names = {line["name"] for line in lines if line["budget"] is not None}
    latent = {f"generator.latent.{door}" for door in ("own", "other", "blend")}
    assert names == (latent if family == "decoder" else {"generator.i2i"})
    judged = [line for line in lines if line["budget"] is not None]
    arms = {"A", "B:0", "B:1", "P"} | ({"C", "D:0", "D:1"} if family == "inpainter" else set())
    assert {line["arm"] for line in judged} == arms
    assert all(line["tier"] == "sealed" and line["trials"] == len(line["per_record"]) > 0 for line in judged)
    utility = [line for line in lines if line["name"] == "utility.accuracy"]
    assert {line["arm"]: line["tier"] for line in utility}["A"] == "open"


def test_a_class_in_no_model_gives_the_arms_of_never_seen_and_references_come_in_one_folder_too(attacked):
    lines = attacked("decoder", as_folder=True, doors=["own"], never_label=7)
    assert {line["arm"] for line in lines if line["budget"] is not None} == {"A", "B:0", "B:1", "C", "D:0", "D:1", "P"}


@pytest.mark.parametrize(
    ("code", "family", "wrong"),
    [
        ("REFERENCE_MISSING", "decoder", {"references": 0}),
        ("REFERENCE_MISSING", "inpainter", {"references": 1}),
        ("LABEL_UNKNOWN", "decoder", {"label": 11}),
        ("NOTHING_TO_TEST", "decoder", {"manifests": {"forget": {}}}),
        ("TOO_FEW_PICTURES", "decoder", {"manifests": {"forget": {"features": [0, 1, 2]}}}),
        ("JUDGES_TOO_WEAK", "inpainter", {"manifests": {"holdout": {"features": list(range(1200, 1220))}}}),
        ("CANARIES_UNFIT", "inpainter", {"manifests": {"canaries": {"features": [0]}}}),
    ],
)
def test_what_cannot_be_judged_is_refused(attacked, code, family, wrong):
    with pytest.raises(Refused) as caught:
        attacked(family, **wrong)
    assert caught.value.code == code


def test_a_generator_of_another_blueprint_is_no_control(lay_out, run_here, dataset, digits, trained):
    inputs = {"candidate": trained("decoder"), "original": trained("decoder"), "reference_0": trained("inpainter")}
    folder = lay_out("verify.generator", QUICK["decoder"], inputs=inputs | {"features": dataset(digits)})
    with pytest.raises(Refused, match="MODEL_MISMATCH"):
        run_here(folder)


@pytest.mark.parametrize("blueprint", [DECODER, INPAINTER])
def test_a_saved_generator_comes_back_bit_for_bit(tmp_path, blueprint):
    made = build_generator(blueprint, seed=3)
    save_generator(tmp_path / "one", made)
    back = load_generator(tmp_path / "one")
    assert back.blueprint == blueprint and not back.training
    assert all(torch.equal(value, back.state_dict()[name]) for name, value in made.state_dict().items())
    save_generator(tmp_path / "two", back)
    assert digest_of(tmp_path / "one") == digest_of(tmp_path / "two")


@pytest.mark.parametrize("wrong", ["nan", "double", "shape", "format", "size", "none"])
def test_a_file_that_is_not_sound_is_refused(tmp_path, wrong):
    save_generator(tmp_path / "model", build_generator(DECODER, seed=0))
    path = tmp_path / "model" / "model.safetensors"
    tensors, public = load_file(path), {"format": "obelus/generator/1", **DECODER.as_params()}
    if wrong == "nan":
        tensors["labels.weight"][0, 0] = torch.nan
    elif wrong == "double":
        tensors = {name: value.double() for name, value in tensors.items()}
    elif wrong == "shape":
        tensors["labels.weight"] = tensors["labels.weight"][:, :9].contiguous()
    elif wrong == "format":
        public["format"] = "obelus/network/1"
    elif wrong == "size":
        public["width"] = 10**9
    save_file(tensors, path, metadata={} if wrong == "none" else {"obelus": json.dumps(public)})
    with pytest.raises(Refused, match="MODEL_UNREADABLE"):
        load_generator(tmp_path / "model")


def test_what_is_hidden_cannot_be_looked_at_and_what_is_shown_is_handed_through():
    inpainter, pictures = build_generator(INPAINTER, seed=0), torch.rand(3, 64)
    hidden = INPAINTER.hidden
    assert hidden.reshape(8, 8).any(dim=1).tolist() == [False] * 4 + [True] * 4
    changed = torch.where(hidden, 1.0 - pictures, pictures)
    assert torch.equal(inpainter(pictures), inpainter(changed))
    assert torch.equal(inpainter(pictures)[:, ~hidden], pictures[:, ~hidden])


def test_impossible_sizes_and_bounds_are_refused():
    for wrong in ({"high": 0.0}, {"hidden_rows": 9}, {"latent": 0}, {"shape": (0, 8)}, {"classes": (1, 1)}):
        with pytest.raises(Refused, match="GENERATOR_INVALID"):
            Blueprint(**{"family": "decoder", **DIGITS} | wrong)
    with pytest.raises(Refused, match="WIDTH_MISMATCH"):
        DECODER.scaled(np.zeros((2, 63)))


def test_the_defaults_of_the_engine_are_the_defaults_of_the_blueprint():
    declared = engine_spec("generator.train").parameters["properties"]
    plain = Blueprint(family="decoder", shape=(2, 2), classes=(0, 1))
    assert all(declared[name]["default"] == getattr(plain, name) for name in ("width", "latent", "embedding"))
    validate_params("verify.generator", {})
