"""Run one job folder to its end: done, refused, cancelled or crashed."""

from __future__ import annotations

import importlib
import os
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from unlearning.catalog import engine_spec
from unlearning.runner import jobfolder
from unlearning.runner.faultpoints import reach
from unlearning.runner.job import Job
from unlearning.runner.jobfolder import Outcome, Spec
from unlearning.runner.lifeline import Lifeline
from unlearning.runner.progress import Progress
from unlearning.runner.refusals import EXIT_CRASHED, EXIT_DONE, EXIT_REFUSED, Refused


def run_folder(folder: Path) -> int:
    """Do the job laid out in `folder`; returns 0 done, 64 refused or 70 crashed (75, cancelled, leaves by itself)."""
    os.umask(0o077)
    return _Run(folder.absolute()).to_the_end()


class _Run:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started_s = time.monotonic()
        self.job: str | None = None
        self.engine: str | None = None
        self.lifeline = Lifeline(self._cancelled)

    def to_the_end(self) -> int:
        self.lifeline.start()
        try:
            jobfolder.refuse_unfit_folder(self.folder)
        except Refused as refusal:
            # What lies there belongs to another attempt: neither remove it nor overwrite its result.
            print(refusal, file=sys.stderr)
            return EXIT_REFUSED
        try:
            outcome = self._engine_outcome()
            with self.lifeline.settle(EXIT_DONE):
                jobfolder.commit(self.folder, outcome)
                self._write_result("done", outputs=dict(outcome.outputs))
        except Refused as refusal:
            return self._refused(refusal)
        except BaseException as error:
            return self._crashed(error)
        reach("result_written")
        return EXIT_DONE

    def _engine_outcome(self) -> Outcome:
        document = jobfolder.read_document(self.folder)
        self.job, self.engine = document["job"], document["engine"]
        spec = jobfolder.spec_of(document, self.folder)
        jobfolder.verify_inputs(self.folder)
        limit_threads(spec.threads)
        scratch = self.folder / jobfolder.SCRATCH
        scratch.mkdir()
        reach("started")
        job = Job(spec, self.folder, scratch, self._progress(), self.lifeline.before_cancel)
        return run_engine(spec, job)

    def _progress(self) -> Progress:
        return Progress(self.folder / "progress.jsonl")

    def _refused(self, refusal: Refused) -> int:
        with self.lifeline.settle(EXIT_REFUSED):
            jobfolder.discard(self.folder)
            self._write_result("refused", code=refusal.code, message=refusal.message, remedy=refusal.remedy)
        print(refusal, file=sys.stderr)
        return EXIT_REFUSED

    def _crashed(self, error: BaseException) -> int:
        with self.lifeline.settle(EXIT_CRASHED):
            jobfolder.discard(self.folder)
        # Frames and class only: the text of an exception may quote a person's row.
        print("".join(traceback.format_tb(error.__traceback__)), file=sys.stderr)
        print(f"crashed: {type(error).__name__} (message withheld: it may quote data)", file=sys.stderr)
        return EXIT_CRASHED

    def _cancelled(self, why: str) -> None:
        jobfolder.discard(self.folder)
        self._write_result("cancelled", code="CANCELLED", message=why, remedy="Start a new attempt if it is wanted.")

    def _write_result(
        self,
        status: str,
        *,
        code: str | None = None,
        message: str | None = None,
        remedy: str | None = None,
        outputs: dict[str, Any] | None = None,
    ) -> None:
        result = {
            "format": "obelus/result/1",
            "job": self.job,
            "engine": self.engine,
            "status": status,
            "code": code,
            "message": message,
            "remedy": remedy,
            "outputs": outputs or {},
            "elapsed_s": round(time.monotonic() - self.started_s, 6),
        }
        jobfolder.write_json(self.folder / "result.json", result)


def limit_threads(threads: int) -> None:
    """Fix the number of compute threads; must come before torch or numpy is imported.

    Idle OpenMP threads spin, which made a small training loop eight times slower on a busy two-core machine.
    """
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = str(threads)
    os.environ["OMP_WAIT_POLICY"] = "PASSIVE"


def run_engine(spec: Spec, job: Job) -> Outcome:
    """Load the engine and let it work.

    Raises: Refused with ONE_PROCESS_ONLY, or whatever the engine refuses.
    """
    engine = importlib.import_module(engine_spec(spec.engine).module)
    if int(os.environ.get("WORLD_SIZE", "1")) > 1 and not getattr(engine, "MANY_PROCESSES", False):
        raise Refused("ONE_PROCESS_ONLY", f"{spec.engine} runs on one process.", "Start it without torchrun.")
    outcome: Outcome = engine.run(job)
    return outcome
