"""Engine `noop`: counts steps, pauses, makes one draw. For drills, and for watching a job that takes time."""

from __future__ import annotations

import json
import os
import time

from unlearning.runner.faultpoints import reach
from unlearning.runner.job import Job
from unlearning.runner.jobfolder import Outcome
from unlearning.runner.refusals import Refused


def run(job: Job) -> Outcome:
    """Count to `steps`, pausing `pause_s` at each; then 32 fresh random bytes are the one draw."""
    steps, pause_s, fail = job.params["steps"], job.params["pause_s"], job.params.get("fail")
    middle = steps // 2
    job.progress.report("counting", step=0, steps=steps)
    for step in range(1, steps + 1):
        time.sleep(pause_s)
        if step == middle:
            _half_way(fail)
        job.progress.report("counting", step=step, steps=steps)
    if middle == 0:
        _half_way(fail)
    weights = job.scratch / "weights"
    weights.mkdir()
    (weights / "draw.safetensors").write_bytes(one_tensor("draw", os.urandom(32)))
    return Outcome(outputs={"steps": steps}, weights=weights)


def one_tensor(name: str, content: bytes) -> bytes:
    """A safetensors file with one uint8 vector, written by hand: numpy would double the start-up time."""
    entry = {name: {"dtype": "U8", "shape": [len(content)], "data_offsets": [0, len(content)]}}
    header = json.dumps(entry, separators=(",", ":")).encode()
    header += b" " * (-len(header) % 8)
    return len(header).to_bytes(8, "little") + header + content


def _half_way(fail: str | None) -> None:
    reach("mid_run")
    if fail == "refuse":
        raise Refused("NOOP_REFUSED", "the noop was asked to refuse.", "Leave out the parameter 'fail'.")
    if fail == "crash":
        raise RuntimeError("the noop was asked to crash")
