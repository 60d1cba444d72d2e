"""Wiping job folders whose attempt is over and whose worker is not there to do it."""

import logging
import threading

from django.conf import settings
from django.db import DatabaseError, connections

from governance.jobs.leases import Held
from governance.jobs.models import Job
from workers import kept_state
from workers.folders import all_folders, root, wipe
from workers.stopping import STOPPING

log = logging.getLogger("workers")
ROUNDS = 5  # sweeps of the tick to one of ours


def start() -> None:
    threading.Thread(target=keep_house, name="janitor", daemon=True).start()


def keep_house() -> None:
    while True:
        try:
            wipe_left_over()
        except DatabaseError:
            log.warning("the database is away; folders are wiped later")
        except Exception:
            log.exception("left-over folders could not be wiped")
        connections.close_all()
        if STOPPING.wait(settings.SWEEP_S * ROUNDS):
            return


def wipe_left_over() -> int:
    """Wipe the folder of every attempt that holds its job no more. A claim is committed before its folder is made."""
    count = 0
    for held in all_folders():
        running = Job.objects.filter(ref=held.ref, token=held.token, status=Job.Status.RUNNING)
        if not running.exists():
            wipe(Held(ref=held.ref, token=held.token))
            count += 1
    return count + kept_state.sweep(root())
