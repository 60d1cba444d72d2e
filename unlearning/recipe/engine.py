"""Engine `recipe`: run the owner's own training command on a snapshot and take back safe model files.

Input: features (a dataset object or a folder). Manifests: retain {"features": rows} makes a copy with only these rows,
and the command sees that copy; a folder is shown as it is. The command is the owner's program and runs as our user:
this bounds its time, environment and output, and is no sandbox.
"""

from __future__ import annotations

from pathlib import Path

from unlearning.recipe.command import GuardedCommand, bare_environment, fill_in
from unlearning.recipe.safe_files import require_safe_files
from unlearning.runner.faultpoints import reach
from unlearning.runner.job import Job
from unlearning.runner.jobfolder import Outcome
from unlearning.runner.refusals import Refused


def run(job: Job) -> Outcome:
    """Run the command to its end and check what it wrote.

    Raises: Refused with RECIPE_INCOMPLETE, RECIPE_FAILED, RECIPE_TIMED_OUT, WEIGHTS_MISSING or WEIGHTS_NOT_SAFE.
    """
    out, home = job.scratch / "out", job.scratch / "home"
    for folder in (out, home):
        folder.mkdir()
    command = fill_in(job.params["command"], data=_data(job), out=out, seed=job.params["seed"])
    environment = bare_environment(home, job.params["environment"], threads=job.spec.threads)
    running = GuardedCommand(command, folder=job.scratch, environment=environment)
    job.before_cancel(running.stop)
    reach("mid_run")
    timeout_s = job.params["timeout_s"]

    def each_look(elapsed_s: float) -> None:
        # The command's own steps are unknown to us: seconds of the allowed time stand in for them.
        job.progress.report("running the command", step=int(elapsed_s), steps=int(timeout_s))

    running.wait(timeout_s=timeout_s, each_look=each_look)
    return Outcome({"files": require_safe_files(out)}, weights=out)


def _data(job: Job) -> Path:
    whole = job.input("features")
    retain = job.spec.manifests.get("retain", {}).get("features")
    if retain is None:
        return whole
    if whole.is_dir():
        raise Refused(
            "MANIFEST_ON_FOLDER",
            "a retain manifest needs a dataset object; this input is a folder.",
            "Lay out a folder without the rows and leave the manifest out.",
        )
    from unlearning.datasets import read_rows, write_rows

    kept = job.scratch / "data.parquet"
    write_rows(kept, read_rows(whole, retain))
    return kept
