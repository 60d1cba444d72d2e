"""One attempt at one job: lay out, start, watch, store, record. Every way out leaves the row in a state that moves on."""

import logging
import subprocess
import threading
import time

from django.conf import settings
from django.db import InterfaceError, OperationalError, connections

from governance.errors import ObelusError, StaleState, TokenLost
from governance.jobs import services
from governance.jobs.leases import Held, cancel_wanted, give_back, heartbeat
from governance.objects.destruction import discard_pending
from workers import collect, folders
from workers.faultpoints import reach
from workers.patience import patiently
from workers.processes import start_runner, stop_runner, wait_a_moment
from workers.progress import last_seen

log = logging.getLogger("workers")
STOPPING = threading.Event()  # set when this worker was told to stop
DONE, REFUSED, CANCELLED = 0, 64, 75


def attempt(held: Held) -> None:
    """Carry one claimed job to the end of this attempt."""
    reach("claimed")
    try:
        folder = folders.lay_out(held)
    except ObelusError as error:
        services.refuse(held, code=error.code, message=error.detail)
        return
    reach("laid_out")
    child = start_runner(folder)
    code = DONE
    try:
        cause, code = watch(child, held)
    finally:
        stop_runner(child, patience_s=0)
    try:
        patiently(lambda: finish(held, cause, code), seconds=settings.LEASE_S)
    except (TokenLost, StaleState):
        log.warning("the lease was lost before the result could be recorded", extra={"job": held.ref})
        discard_pending(held.ref, held.token)
    finally:
        folders.wipe(held)


def watch(child: "subprocess.Popen[bytes]", held: Held) -> tuple[str, int]:
    """Heartbeat until the child ends or must end. Returns (why we stopped it or "", exit code)."""
    folder = folders.folder_of(held)
    sure_until = time.monotonic() + settings.LEASE_S
    while True:
        code = wait_a_moment(child, 0.2 if STOPPING.is_set() else settings.HEARTBEAT_S / 3)
        if code is not None:
            return "", code
        if STOPPING.is_set():
            return "worker_stopped", stop_runner(child, patience_s=settings.STOP_S / 2)
        seen = last_seen(folder)
        try:
            if not heartbeat(held, phase=seen.phase, step=seen.step, steps=seen.steps, rate=seen.rate):
                return "lease_lost", stop_runner(child, patience_s=1)
            sure_until = time.monotonic() + settings.LEASE_S
            if cancel_wanted(held):
                return "cancelled", stop_runner(child, patience_s=settings.STOP_S)
        except (OperationalError, InterfaceError):
            connections.close_all()
            # Without the database we can be sure of the lease only until it would have run out.
            if time.monotonic() > sure_until:
                return "lease_lost", stop_runner(child, patience_s=1)


def finish(held: Held, cause: str, code: int) -> None:
    """Turn the runner's end into the row's next state."""
    if cause == "lease_lost":
        return
    if cause == "cancelled":
        services.cancelled(held)
    elif cause == "worker_stopped":
        give_back(held, cause=cause, failed=False)
    elif code == DONE:
        finish_done(held)
    elif code == REFUSED:
        result = collect.read_result(folders.folder_of(held))
        services.refuse(held, code=str(result.get("code")), message=f"{result.get('message')} {result.get('remedy')}")
    else:
        give_back(held, cause=f"exit_{code}", failed=True, message=f"The runner ended with exit code {code}.")


def finish_done(held: Held) -> None:
    try:
        returned = collect.collect(folders.folder_of(held), held)
    except collect.BrokenResult as error:
        give_back(held, cause="broken_result", failed=True, message=str(error))
        return
    except ObelusError as error:  # the store is full: keep the job, a person must make room
        discard_pending(held.ref, held.token)
        give_back(held, cause=error.code, failed=True, message=f"{error.detail} {error.remedy}")
        return
    reach("stored")
    services.record(held, returned)
    reach("recorded")
