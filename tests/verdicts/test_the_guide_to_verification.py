"""docs/verification.md: its example runs, and ends as it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[2] / "docs" / "verification.md"


@pytest.mark.slow
def test_the_example_runs_and_ends_as_it_says() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), flags=re.S)
    names: dict[str, object] = {}
    exec(compile(example, str(GUIDE), "exec"), names)  # our own documentation
    assert vars(names["found"])["outcome"] == "failed_residual"
