"""docs/language.md: its example runs and ends as it says, and its job folder is one."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from unlearning.catalog import ENGINES, validate_params
from unlearning.parameters.language_methods import METHODS
from unlearning.runner.schemas import faults_of

GUIDE = Path(__file__).parents[2] / "docs" / "language.md"


@pytest.mark.slow
def test_the_example_runs_and_nobody_passes_on_eight_rows() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), flags=re.S)
    names: dict[str, object] = {}
    exec(compile(example, str(GUIDE), "exec"), names)  # our own documentation
    assert vars(names["done"])["stopped_because"] in ("target", "epochs")
    assert vars(names["found"])["outcome"] != "passed"
    assert len(vars(names["found"])["reasons"]) > 0


def test_the_specification_that_it_shows_is_sound_but_for_its_digests() -> None:
    (shown,) = re.findall(r"```json\n(.*?)```", GUIDE.read_text(), flags=re.S)
    spec = json.loads(shown.replace("sha256:...", "sha256:" + "0" * 64))
    assert faults_of("spec", spec) == []
    validate_params(spec["engine"], spec["params"])


def test_it_tells_of_every_method_and_every_engine_of_language_models() -> None:
    text = GUIDE.read_text()
    engines = [name for name in ENGINES if name.startswith("language.")] + ["verify.language"]
    assert [name for name in [*METHODS, *engines] if f"`{name}`" not in text] == []
