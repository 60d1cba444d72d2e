"""Files in the formats of the first commit must be read for ever: these are never edited, only added to."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from unlearning.runner.schemas import faults_of

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("name", ["spec", "result", "progress", "measurements"])
def test_a_golden_file_still_fits_its_schema(name):
    assert faults_of(name, json.loads((GOLDEN / f"{name}-1.json").read_text())) == []


@pytest.mark.parametrize("name", ["spec", "result", "progress", "measurements"])
def test_no_schema_takes_a_field_it_does_not_know_or_lacks_one_it_needs(name):
    document = json.loads((GOLDEN / f"{name}-1.json").read_text())
    assert faults_of(name, document | {"colour": "red"})
    for field in document.keys() - {"threads"}:
        assert faults_of(name, {key: value for key, value in document.items() if key != field}), field


def test_the_golden_spec_still_runs(tmp_path, run_job, result_of):
    (tmp_path / "inputs").mkdir()
    (tmp_path / "inputs" / "rows").write_bytes(b"abc")
    shutil.copy(GOLDEN / "spec-1.json", tmp_path / "spec.json")
    assert run_job(tmp_path).returncode == 0
    assert result_of(tmp_path)["job"] == "job_0123456789abcdef0123456789abcdef"
