"""The bodies of the tasks. A message carries a job's reference and nothing else."""

import logging
import os
import socket

from django.db import connections

from governance.jobs.leases import claim
from governance.queue import TaskName, app
from workers.stopping import STOPPING
from workers.supervise import attempt

log = logging.getLogger("workers")


def worker_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"[:80]


@app.task(name=TaskName.RUN_JOB)  # type: ignore[untyped-decorator]
def run_job(ref: str) -> None:
    """Claim the job and carry one attempt through; a bell for a job that is taken or done is nothing."""
    try:
        if STOPPING.is_set():
            return
        held = claim(ref, worker=worker_name())
        if held is not None:
            attempt(held)
    except Exception:
        # Here and not in Celery's log, which would print the error's text. The sweep takes the job back.
        log.exception("a job was left to the sweep", extra={"job": ref})
    finally:
        connections.close_all()
