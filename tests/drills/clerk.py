"""A process of the house that does what the web would do, one JSON line for each question. See house.py."""

import json
import os
import sys
import threading
import time
from typing import Any

import django
import redis

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.db import InterfaceError, OperationalError, connections  # noqa: E402
from django.test import Client  # noqa: E402

from governance.actors import SYSTEM  # noqa: E402
from governance.audit import fsck  # noqa: E402
from governance.audit.models import Entry, StatusChange  # noqa: E402
from governance.audit.sequencer import catch_up  # noqa: E402
from governance.jobs import leases, services, submission  # noqa: E402
from governance.jobs.models import Attempt, Job, Outbox  # noqa: E402
from governance.objects.destruction import unreferenced  # noqa: E402
from governance.objects.models import ObjectClaim, StoredObject  # noqa: E402
from governance.objects.references import held_for_nothing  # noqa: E402
from governance.objects.store import hold, put_bytes  # noqa: E402
from governance.people.services import create_person  # noqa: E402
from governance.queue import TaskName, bells_waiting, ring  # noqa: E402

SHOWN = ("status", "attempt", "failures", "code", "message", "weights", "step")


def submit(*, steps: int = 2, pause_s: float = 0.02, count: int = 1, **options: Any) -> list[str]:
    params = {"steps": steps, "pause_s": pause_s, **options.pop("params", {})}
    return [submission.submit(engine="noop", params=params, actor=SYSTEM, **options).ref for _ in range(count)]


def job(ref: str) -> dict[str, Any]:
    row = Job.objects.get(ref=ref)
    changes = StatusChange.objects.filter(ref=ref).order_by("id")
    attempts = Attempt.objects.filter(job=row).order_by("number")
    return {
        **{
            name: getattr(row, name) for name in ("status", "attempt", "failures", "code", "message", "weights", "step")
        },
        "recorded": Entry.objects.filter(thread=ref, event="job:recorded").count(),
        "succeeded": changes.filter(new="succeeded").count(),
        "ends": [[row.outcome, row.cause] for row in attempts],
        "workers": [row.worker for row in attempts],
        "reasons": [[change.new, change.reason] for change in changes],
    }


def statuses(refs: list[str]) -> list[str]:
    found = dict(Job.objects.filter(ref__in=refs).values_list("ref", "status"))
    return [found[ref] for ref in refs]


def store() -> dict[str, Any]:
    catch_up()
    return {
        "held": sorted(StoredObject.objects.filter(status="held").values_list("digest", flat=True)),
        "pending": StoredObject.objects.filter(status="pending").count(),
        "claims": ObjectClaim.objects.count(),
        "unreferenced": unreferenced(),
        "held_for_nothing": held_for_nothing(),
        "faults": fsck.faults(),
    }


def keep(text: str) -> str:
    digest = put_bytes(text.encode(), owner="clerk")
    hold(digest)
    return digest


def cancel(ref: str) -> str:
    return services.cancel(ref, actor=SYSTEM).status


def retry(ref: str) -> str:
    return services.retry_dead(ref, actor=SYSTEM).status


def ring_twice(ref: str) -> None:
    for _ in range(2):
        ring(TaskName.RUN_JOB, ref)


def unsent() -> int:
    return Outbox.objects.filter(sent_at=None).count()


def operator_session() -> dict[str, str]:
    """The cookies of an operator who has signed in."""
    user, _ = create_person(username="omar", roles=["operator"])
    browser = Client()
    browser.force_login(user)
    return {"sessionid": browser.cookies["sessionid"].value, "csrftoken": "c" * 32}


def flush_redis() -> None:
    redis.Redis.from_url(settings.REDIS_URL).flushall()


def storm(ref: str, threads: int) -> list[int]:
    """Many workers at the door at once; the tokens of those who got in."""
    together, tokens = threading.Barrier(threads), []

    def come(number: int) -> None:
        connections["default"].ensure_connection()
        together.wait()
        held = leases.claim(ref, worker=f"worker {number}")
        if held is not None:
            tokens.append(held.token)
        connections.close_all()

    crowd = [threading.Thread(target=come, args=(number,)) for number in range(threads)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    return tokens


def story(act: str, **arguments: Any) -> Any:
    """What people do in a story of unlearning without a proof; its imports cost seconds that other drills need not."""
    from tests.drills import stories

    return getattr(stories, act)(**arguments)


QUESTIONS = {
    act.__name__: act
    for act in (
        submit,
        job,
        statuses,
        store,
        keep,
        cancel,
        retry,
        ring_twice,
        unsent,
        storm,
        bells_waiting,
        operator_session,
        flush_redis,
        story,
    )  # fmt: skip
}


def answer(line: str) -> Any:
    name, arguments = json.loads(line)
    for _ in range(40):
        try:
            return QUESTIONS[name](**arguments)
        except (OperationalError, InterfaceError):
            connections.close_all()
            time.sleep(0.25)
    raise SystemExit("the database did not come back within ten seconds")


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(answer(line)), flush=True)
