"""docs/certified-classifier.md says what happens, and importing the package brings neither torch nor scikit-learn."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from unlearning import certified
from unlearning.accounting import schedules_text
from unlearning.certified import CertifiedClassifier

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "certified-classifier.md"


def test_every_example_of_the_guide_runs_and_prints_both_numbers(capsys):
    examples = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.S)
    assert len(examples) >= 4
    known: dict[str, object] = {}
    for example in examples:
        exec(compile(example, str(GUIDE), "exec"), known)
    told = capsys.readouterr().out
    assert "B, all releases" in told and "A, later releases only" in told and "publish every" in told
    assert known["model"].certificate_.a_epsilon <= 0.5
    assert known["again"].ledger_.rows == known["model"].ledger_.rows - 3


def test_the_guide_names_every_check_that_fresh_noise_fails():
    listed = re.findall(r'^    "(check_\w+)":', (Path(__file__).parent / "test_scikit_learn.py").read_text(), re.M)
    assert len(listed) == 3
    assert [name for name in listed if name not in GUIDE.read_text()] == []


def test_importing_the_package_loads_neither_torch_nor_scikit_learn():
    program = "import sys, unlearning.certified; print([n for n in ('torch', 'sklearn', 'numpy') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="Ridge"):
        _ = certified.Ridge


def test_publishing_less_often_is_shown_to_cost_those_who_stay_less(blobs):
    model = CertifiedClassifier(epsilon=2.0, deletion_epsilon=1.0, classes=range(3)).fit(*blobs(300))
    weekly, *_, yearly = model.publishing_schedules(rounds=52)
    assert (weekly.every, yearly.every) == (1, 52)
    assert yearly.mu < weekly.mu
    assert "saves epsilon" in schedules_text((weekly, yearly), delta=1e-5)
    assert len(model.ledger_.events) == 2, "nothing was done, only counted"
