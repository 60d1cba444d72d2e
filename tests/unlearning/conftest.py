"""Lay out a job folder and run the real runner on it."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits

from unlearning.catalog import ENGINES
from unlearning.datasets import Rows, write_rows
from unlearning.runner import jobfolder
from unlearning.runner.digests import digest_of
from unlearning.runner.job import Job
from unlearning.runner.progress import Progress

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
def run_here() -> Callable[[Path], None]:
    """Do a job in this process, without lifeline or result: a refusal comes out as the exception itself."""

    def run(folder: Path) -> None:
        spec = jobfolder.read_spec(folder)
        jobfolder.verify_inputs(folder)
        (folder / jobfolder.SCRATCH).mkdir()
        progress = Progress(folder / "progress.jsonl")
        job = Job(spec, folder, folder / jobfolder.SCRATCH, progress, lambda _: None)
        jobfolder.commit(folder, importlib.import_module(ENGINES[spec.engine].module).run(job))

    return run


@pytest.fixture
def result_of() -> Callable[[Path], dict[str, Any]]:
    """Read the result of a job folder."""

    def read(folder: Path) -> dict[str, Any]:
        document: dict[str, Any] = json.loads((folder / "result.json").read_text())
        return document

    return read


@pytest.fixture(scope="session")
def patients() -> Rows:
    """The 569 patients of scikit-learn's breast-cancer data, shuffled once; slot = position."""
    return _bundled(load_breast_cancer)


@pytest.fixture(scope="session")
def digits() -> Rows:
    """The 1,797 images of scikit-learn's digits, shuffled once."""
    return _bundled(load_digits)


def _bundled(load: Callable[[], Any]) -> Rows:
    data = load()
    order = np.random.default_rng(0).permutation(len(data.target))
    labels, features = data.target[order].astype(np.int64), data.data[order].astype(np.float64)
    return Rows(np.arange(len(order), dtype=np.int64), labels, features)


@pytest.fixture
def dataset(tmp_path: Path) -> Callable[[Rows], Path]:
    """Write rows as a dataset object and give its path."""

    def write(rows: Rows) -> Path:
        path = tmp_path / f"rows-{uuid4().hex[:8]}.parquet"
        write_rows(path, rows)
        return path

    return write
