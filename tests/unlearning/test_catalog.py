"""The catalog: what the platform may ask of engines without loading them."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest
from jsonschema import Draft202012Validator

from unlearning.catalog import ENGINES, UnknownEngineError, WrongParamsError, preset, validate_params, with_defaults

CERTIFIED = {
    "lam": 0.05,
    "eta": 1.0,
    "sigma": 0.02,
    "steps": 10,
    "n_0": 100,
    "norm_bound": 1.0,
    "classes": [0, 1],
    "centres": [0.0],
    "scales": [1.0],
    "adjacency": "zero_out",
    "contribution_cap": 1,
}


def test_the_engines_are_declared():
    names = {
        "noop",
        "certified.train",
        "certified.delete",
        "certified.insert",
        "recipe",
        "generator.train",
        "verify.generator",
        "verify.linear",
        "verify.network",
        "verify.language",
        "verify.witness",
        "train.plain",
        "classifier.train",
        "classifier.references",
        "classifier.unlearn",
        "classifier.shadows",
        "language.train",
        "language.references",
        "language.unlearn",
        "language.drop",
        "language.retrain_adapter",
    }
    assert names == set(ENGINES)


@pytest.mark.parametrize("name", sorted(ENGINES))
def test_every_schema_is_closed_and_sound(name):
    spec = ENGINES[name]
    Draft202012Validator.check_schema(dict(spec.parameters))
    assert spec.parameters["additionalProperties"] is False
    assert spec.sentence.endswith(".")
    assert importlib.util.find_spec(spec.module) is not None


def test_certified_engines_are_neither_resumable_nor_seeded():
    for name in ("certified.train", "certified.delete"):
        assert (ENGINES[name].resumable, ENGINES[name].seeded) == (False, False)


def test_the_catalog_loads_no_heavy_library():
    code = "import sys, unlearning.catalog; print({'torch','numpy','pyarrow','jsonschema'} & set(sys.modules))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "set()"


def test_every_wrong_parameter_is_listed_at_once():
    with pytest.raises(WrongParamsError) as caught:
        validate_params("certified.train", CERTIFIED | {"lam": 0, "steps": 1.5, "colour": "red"})
    assert len(caught.value.problems) == 3
    assert all(word in str(caught.value) for word in ("lam", "steps", "colour"))


def test_a_text_that_no_database_and_no_command_line_takes_is_wrong():
    with pytest.raises(WrongParamsError, match="command.1: expected a text without the character 0"):
        validate_params("recipe", {"command": ["train", "a\0b"], "timeout_s": 60.0, "seed": 0})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_is_not_finite_is_wrong(value):
    with pytest.raises(WrongParamsError, match="eta"):
        validate_params("certified.train", CERTIFIED | {"eta": value})


@pytest.mark.parametrize("missing", sorted(CERTIFIED))
def test_a_certified_engine_invents_no_parameter(missing):
    with pytest.raises(WrongParamsError, match=missing):
        validate_params("certified.train", {key: value for key, value in CERTIFIED.items() if key != missing})


def test_an_unknown_engine_is_told_the_known_ones():
    with pytest.raises(UnknownEngineError, match="noop"):
        validate_params("magic", {})


def test_defaults_fill_what_is_left_out_and_nothing_else():
    assert with_defaults("noop", {"steps": 4}) == {"steps": 4, "pause_s": 0}


@pytest.mark.parametrize("name", ["breast-cancer", "digits"])
def test_a_preset_is_a_sound_set_of_parameters(name):
    validate_params("certified.train", preset(name))
    assert len(preset(name)["centres"]) == len(preset(name)["scales"])
