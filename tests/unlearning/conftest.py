"""Lay out a job folder and run the real runner on it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from unlearning.runner.digests import digest_of

LayOut = Callable[..., Path]
RunJob = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def lay_out(tmp_path: Path) -> LayOut:
    """Make a job folder: `lay_out(engine, params, inputs={name: path}, manifests={})`."""

    def make(
        engine: str,
        params: Mapping[str, Any],
        *,
        inputs: Mapping[str, Path] | None = None,
        manifests: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> Path:
        folder = tmp_path / f"job-{uuid4().hex[:8]}"
        (folder / "inputs").mkdir(parents=True)
        entries = {}
        for name, source in (inputs or {}).items():
            _copy(source, folder / "inputs" / name)
            entries[name] = {"path": f"inputs/{name}", "digest": digest_of(folder / "inputs" / name)}
        spec = {
            "format": "obelus/spec/1",
            "job": "job_" + uuid4().hex,
            "engine": engine,
            "params": dict(params),
            "inputs": entries,
            "manifests": manifests or {},
        }
        (folder / "spec.json").write_text(json.dumps(spec | more))
        return folder

    return make


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copy(source, target)


@pytest.fixture
def start_job() -> Callable[..., subprocess.Popen[str]]:
    """Start the runner on a folder, tied to us by a pipe on its stdin, as the worker does."""

    def start(folder: Path, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "unlearning", "run", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | environment,
            start_new_session=True,
        )

    return start


@pytest.fixture
def run_job(start_job: Callable[..., subprocess.Popen[str]]) -> RunJob:
    """Run the runner on a folder to its end."""

    def run(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
        process = start_job(folder, **environment)
        # Not communicate(): it would close stdin at once, and the runner would rightly think its parent gone.
        assert process.stdout is not None and process.stderr is not None and process.stdin is not None
        code = process.wait(timeout=60)
        done = subprocess.CompletedProcess(process.args, code, process.stdout.read(), process.stderr.read())
        for stream in (process.stdin, process.stdout, process.stderr):
            stream.close()
        return done

    return run


@pytest.fixture
def result_of() -> Callable[[Path], dict[str, Any]]:
    """Read the result of a job folder."""

    def read(folder: Path) -> dict[str, Any]:
        document: dict[str, Any] = json.loads((folder / "result.json").read_text())
        return document

    return read
