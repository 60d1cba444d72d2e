"""The declared defaults are the settings that the committed sweep found nearest to retraining."""

import re
from pathlib import Path

import pytest
import torch

from unlearning.classifiers.forgetting import unlearn
from unlearning.classifiers.network import build
from unlearning.classifiers.tasks import TRAINING, digits_architecture, records_task
from unlearning.classifiers.training import fit
from unlearning.classifiers.unlearning_loop import Side, share_right
from unlearning.parameters.methods import METHODS

PAGE = Path(__file__).resolve().parents[2] / "benchmarks" / "results" / "classifier-sweep.md"


def chosen() -> dict[str, dict[str, float]]:
    """Method -> the options that the table of choices names."""
    table = PAGE.read_text().partition("## The choice")[2].partition("## ")[0]
    rows = re.findall(r"^\| (\w+) \| ([a-z]\w+ [^|]*) \|", table, re.MULTILINE)
    return {method: {part.split()[0]: float(part.split()[1]) for part in said.split(", ")} for method, said in rows}


def test_every_method_has_its_row_and_its_defaults_are_what_the_row_says():
    assert set(chosen()) == set(METHODS)
    for method, options in chosen().items():
        assert {name: METHODS[method][name] for name in options} == options, method


@pytest.mark.slow
@pytest.mark.parametrize("method", sorted(METHODS))
def test_with_its_defaults_it_looks_forgotten_on_digits_unless_it_wrecks_the_model(method):
    task = records_task(seed=5)
    network = build(digits_architecture(), seed=5)
    fit(network, network.scaled(task.train.x), task.train.y, **TRAINING, seed=5)
    parts = task.train.at(task.forget), task.train.at(task.retain), task.test
    forget, retain, test = (Side(network.scaled(part.x), torch.from_numpy(part.y)) for part in parts)
    assert share_right(network, forget) > 0.9
    lighter = unlearn(network, method=method, forget=(forget.x, forget.y), retain=(retain.x, retain.y))
    if method == "gradient_ascent":
        # Half of the records are clean: driving all of them to chance takes the digits along.
        assert share_right(lighter, test) < 0.95
    else:
        assert share_right(lighter, forget) < 0.65
        assert share_right(lighter, test) > 0.94
