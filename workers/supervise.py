"""One attempt at one job: lay out, start, watch, store, record. Every way out leaves a row that moves on."""

import logging
import subprocess
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from governance.errors import Conflict, ObelusError, StorageFull, TokenLost
from governance.jobs import services
from governance.jobs.dropping import NOT_WHAT_WAS_THERE
from governance.jobs.leases import Held, bury, fail, hand_back
from governance.objects.destruction import discard_pending
from governance.objects.files import NO_ROOM
from workers import collect, folders
from workers.faultpoints import reach
from workers.patience import patiently, within
from workers.processes import start_runner, stop_runner, wait_a_moment
from workers.pulse import Pulse
from workers.stopping import CAUSE, STOPPING, at_hand

log = logging.getLogger("workers")
DONE, REFUSED = 0, 64
LOOK_EVERY_S = 0.1
NO_ROOM_HERE = "There is no room under OBELUS_VAR/jobs. Free space there, then send the job round again."


@dataclass(frozen=True)
class End:
    """How the runner ended: `stopped` says why we ended it ("" when it ended by itself)."""

    stopped: str
    code: int


def attempt(held: Held) -> None:
    """Carry one claimed job to the end of this attempt. Raises nothing but what a stopping worker cannot wait for."""
    with at_hand(held), Pulse(held) as pulse:
        try:
            carry(held, pulse)
        except TokenLost:
            log.warning("the lease was lost before the attempt could end", extra={"job": held.ref, "token": held.token})
        finally:
            tidy(held)


def carry(held: Held, pulse: Pulse) -> None:
    try:
        go_through(held, pulse)
    except TokenLost:
        raise
    except OSError as error:
        if error.errno in NO_ROOM:
            patiently(lambda: bury(held, cause=StorageFull.code, message=NO_ROOM_HERE))
        else:
            give_up(held, error)
    except Exception as error:
        give_up(held, error)


def give_up(held: Held, error: Exception) -> None:
    """The worker itself met a fault. The attempt failed; the next one may do better."""
    # Of the error its class only: the text may quote a row of the data, and the message is for all to read.
    kind = type(error).__name__
    log.error("an attempt failed in the worker", exc_info=error, extra={"job": held.ref, "token": held.token})
    patiently(lambda: fail(held, cause="worker_error", message=f"The worker could not go on: {kind}; see its log."))


def go_through(held: Held, pulse: Pulse) -> None:
    reach("claimed", held.ref)
    try:
        folder = patiently(lambda: folders.lay_out(held))
    except ObelusError as error:
        code, message = error.code, f"{error.detail} {error.remedy}".strip()
        patiently(lambda: services.refuse(held, code=code, message=message))
        return
    reach("laid_out", held.ref)
    end = run_in(folder, pulse)
    patiently(lambda: finish(held, folder, end))


def run_in(folder: Path, pulse: Pulse) -> End:
    """Start the runner and see it to its end; nothing that it started outlives this."""
    child = start_runner(folder)
    try:
        return watch(child, pulse)
    finally:
        stop_runner(child, patience_s=0)


def watch(child: "subprocess.Popen[bytes]", pulse: Pulse) -> End:
    while (code := wait_a_moment(child, LOOK_EVERY_S)) is None:
        if STOPPING.is_set():
            return End(CAUSE, stop_runner(child, patience_s=settings.STOP_S / 2))
        if pulse.lost.is_set():
            return End("lease_lost", stop_runner(child, patience_s=1))
        if pulse.cancelled.is_set():
            return End("cancelled", stop_runner(child, patience_s=settings.STOP_S))
    return End("", code)


def finish(held: Held, folder: Path, end: End) -> None:
    """Turn the runner's end into the row's next state."""
    if end.stopped == "lease_lost":
        raise TokenLost(f"Job {held.ref} is no longer held under token {held.token}.")
    if end.stopped == "cancelled":
        services.cancelled(held)
    elif end.stopped:
        hand_back(held, cause=end.stopped)
    elif end.code == DONE:
        finish_done(held, folder)
    elif end.code == REFUSED:
        finish_refused(held, folder)
    else:
        fail(held, cause=f"exit_{end.code}", message=f"The runner ended with exit code {end.code}.")


def finish_refused(held: Held, folder: Path) -> None:
    try:
        code, message = collect.refusal(folder)
    except collect.BrokenResult as error:
        fail(held, cause="broken_result", message=str(error))
        return
    services.refuse(held, code=code, message=message)


def finish_done(held: Held, folder: Path) -> None:
    try:
        returned = collect.collect(folder, held)
    except collect.BrokenResult as error:
        fail(held, cause="broken_result", message=str(error))
        return
    except StorageFull as error:
        # Not again and again at full price: a person must make room, then send it round once more.
        discard_pending(held.ref, held.token)
        bury(held, cause=error.code, message=f"{error.detail} {error.remedy} Then send the job round again.")
        return
    reach("stored", held.ref)
    try:
        services.record(held, returned)
    except Conflict as error:
        if error.code != NOT_WHAT_WAS_THERE:
            raise
        # The same bytes would come back again and again. Nothing was recorded, and people must learn why.
        services.refuse(held, code=error.code, message=f"{error.detail} {error.remedy}")
        return
    reach("recorded", held.ref)


def tidy(held: Held) -> None:
    """The folder and unrecorded objects go. If that fails, the janitor and the sweep do it later."""
    try:
        within(settings.LEASE_S, lambda: discard_pending(held.ref, held.token))
        within(settings.LEASE_S, lambda: folders.wipe(held))
    except Exception:
        log.exception("an attempt could not be tidied up yet", extra={"job": held.ref, "token": held.token})
