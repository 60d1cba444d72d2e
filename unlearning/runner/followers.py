"""One job on many processes: `torchrun -m unlearning run JOB_DIR` starts this command once per process.

The first process is the runner as ever. The others do the same work beside it and say nothing: no progress, no result,
no weights. When one dies, what started them ends the rest, so that the first one is cancelled and leaves no result.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
import traceback
from pathlib import Path

from unlearning.runner import jobfolder
from unlearning.runner.faultpoints import reach
from unlearning.runner.job import Job
from unlearning.runner.lifeline import Lifeline
from unlearning.runner.progress import Progress
from unlearning.runner.refusals import EXIT_CRASHED, EXIT_DONE, EXIT_REFUSED, Refused
from unlearning.runner.run import limit_threads, run_engine

_PATIENCE_S = 10.0


def follows() -> bool:
    """Whether this process is not the first of its company."""
    return int(os.environ.get("RANK", "0")) > 0


def follow_folder(folder: Path) -> int:
    """Take part in the job of `folder` in silence; returns 0 done, 64 refused or 70 crashed."""
    os.umask(0o077)
    scratch = folder.absolute() / f"{jobfolder.SCRATCH}.{os.environ['RANK']}"
    lifeline = Lifeline(lambda _: shutil.rmtree(scratch, ignore_errors=True))
    lifeline.start()
    try:
        _work(folder.absolute(), scratch, lifeline)
    except Refused:
        _let_the_first_speak(folder)
        return EXIT_REFUSED
    except BaseException as error:
        print("".join(traceback.format_tb(error.__traceback__)), file=sys.stderr)
        print(f"crashed: {type(error).__name__} (message withheld: it may quote data)", file=sys.stderr)
        return EXIT_CRASHED
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return EXIT_DONE


def _work(folder: Path, scratch: Path, lifeline: Lifeline) -> None:
    spec = jobfolder.read_spec(folder)
    jobfolder.verify_inputs(folder)
    limit_threads(spec.threads)
    scratch.mkdir()
    reach("started")
    run_engine(spec, Job(spec, folder, scratch, Progress(Path(os.devnull)), lifeline.before_cancel))


def _let_the_first_speak(folder: Path) -> None:
    """Leaving first would have the first process ended as well, before it has written why it refuses."""
    until_s = time.monotonic() + _PATIENCE_S
    while not (folder / "result.json").exists() and time.monotonic() < until_s:
        time.sleep(0.05)
