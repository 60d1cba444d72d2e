"""The one loop of periodic work: relay, sweep, sequencer, heads, deadlines. Any number may run; each step is safe."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from django.conf import settings
from django.db import InterfaceError, OperationalError, connections
from kombu.exceptions import OperationalError as BrokerDown
from oauth2_provider.models import clear_expired
from redis.exceptions import RedisError

from governance.audit.sequencer import publish_head, sequence
from governance.intake.retention import destroy_expired_keys
from governance.jobs.outbox import prune, re_ring, relay
from governance.jobs.sweep import discard_stale, expire_leases
from governance.objects.destruction import discard_forgotten, sweep_strays
from governance.releases.deadlines import watch_deadlines
from governance.releases.destruction import advance_destroying, advance_published
from governance.releases.leftovers import remove_leftover_rows
from governance.releases.retraction import advance_retracted
from governance.releases.waiting import ring_for_signatures
from governance.releases.withdrawal import advance_withdrawn
from governance.verification.qualification_results import clear_up
from governance.verification.sentinel_retests import advance as ask_about_sentinels
from governance.verification.waiting_verdicts import advance_waiting

log = logging.getLogger("tick")
AN_HOUR_S = 3600.0
A_DAY_S = 24 * AN_HOUR_S


@dataclass
class Chore:
    """One thing to do every `every_s` seconds."""

    name: str
    act: Callable[[], object]
    every_s: float
    due: float = field(default=0.0)


def chores() -> list[Chore]:
    return [
        Chore("relay", relay, 0.2),
        Chore("expire leases", expire_leases, settings.SWEEP_S),
        Chore("ring again", re_ring, settings.SWEEP_S),
        Chore("drop stale objects", discard_stale, settings.SWEEP_S),
        Chore("sequence", sequence, 0.5),
        Chore("sign head", publish_head, 2.0),
        Chore("start destruction", advance_published, 0.5),
        Chore("destroy", advance_destroying, 0.5),
        Chore("wind down withdrawn models", advance_withdrawn, 1.0),
        Chore("destroy retracted bases", advance_retracted, 1.0),
        Chore("clear up qualifications", clear_up, 60.0),
        Chore("remove leftover rows", remove_leftover_rows, 1.0),
        Chore("ask releases about sentinels", ask_about_sentinels, 2.0),
        Chore("reach verdicts that waited for sentinels", advance_waiting, 2.0),
        Chore("ring for signatures", ring_for_signatures, settings.LEASE_S),
        Chore("watch deadlines", watch_deadlines, 60.0),
        Chore("drop forgotten objects", lambda: discard_forgotten(older_than_s=AN_HOUR_S), 60.0),
        Chore("sweep strays", lambda: sweep_strays(older_than_s=AN_HOUR_S), 600.0),
        Chore("destroy expired keys", destroy_expired_keys, 60.0),
        Chore("prune outbox", prune, AN_HOUR_S),
        Chore("drop expired tokens", clear_expired, A_DAY_S),
    ]


def run(stop: threading.Event) -> None:
    """Do every chore when it is due, until told to stop. A database or Redis that is away is waited for."""
    work = chores()
    while not stop.is_set():
        for chore in work:
            if time.monotonic() >= chore.due and not stop.is_set():
                do(chore)
        stop.wait(0.1)


def do(chore: Chore) -> None:
    chore.due = time.monotonic() + chore.every_s
    try:
        chore.act()
    except (OperationalError, InterfaceError):
        connections.close_all()
        log.warning("the database is away; waiting", extra={"task": chore.name})
        chore.due = time.monotonic() + 1
    except (BrokerDown, RedisError, OSError):
        log.warning("redis is away; nothing is lost, the bell rings later", extra={"task": chore.name})
        chore.due = time.monotonic() + 1
    except Exception:
        # One chore that cannot do its work must not end the others.
        log.exception("a chore failed", extra={"task": chore.name})
        chore.due = time.monotonic() + max(chore.every_s, 1)
