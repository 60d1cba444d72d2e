"""The demo, as a newcomer runs it: it holds, it starts anew, and it leaves nothing running."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from demo.__main__ import summary
from demo.story import Told

ROOT = Path(__file__).resolve().parents[2]
OUTSIDE = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "OBELUS_ENV", "OBELUS_VAR")


def processes_that_mention(text: str) -> list[str]:
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = place.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if text in line:
            found.append(line)
    return found


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_demo_holds_step_by_step_and_leaves_no_process(tmp_path: Path):
    var = tmp_path / "demo"
    environment = {name: value for name, value in os.environ.items() if name not in OUTSIDE}
    wrapped = [sys.executable, "-m", "governance.embedded", "--var", str(var), "--", sys.executable, "-m", "demo"]
    told = subprocess.run(wrapped, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert told.returncode == 0, told.stdout[-3000:] + told.stderr[-3000:]
    assert "verified against the keys" in told.stdout
    assert sorted(path.name for path in (var / "papers").iterdir()) == [
        "bundle.zip",
        "receipt.zip",
        "report.pdf",
        "trust.json",
    ]
    assert processes_that_mention(str(var)) == []


def test_the_closing_table_says_the_headline_over_all_models_beside_the_plans_own_b():
    told = Told(plans=[closed(b_all={"epsilon": 5.25}), closed(b_all={"epsilon": None})])
    rows = summary(told, Path("papers"), Path("var"), 1.0)
    said = [words for name, words in rows if "of all models" in name]
    assert said == ["epsilon 5.25 at delta 1e-05", "without a bound"]
    assert [words for name, words in rows if name == "  B of this model alone"][0] == "epsilon 1.5 at delta 1e-05"


def closed(*, b_all: dict[str, Any]) -> dict[str, Any]:
    certificate = {"group": 1, "delta": 1e-5, "a": {"epsilon": 0.25}, "b": {"epsilon": 1.5}, "b_all_models": b_all}
    return {
        "body": {"choice": {"delete_steps": 5}, "inputs": {"regime": "per_record", "steps_learn": 60}},
        "certificates": [{"body": certificate}],
        "route": "certified.delete",
        "verdicts": [{"outcome": "inconclusive"}],
    }
