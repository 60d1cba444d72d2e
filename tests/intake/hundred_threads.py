"""A process of its own for tests that need committed rows; prints what it saw as JSON."""

import json
import sys
import threading
from collections import Counter

import django

django.setup()

from django.db import connection  # noqa: E402

from governance.actors import Actor, machine  # noqa: E402
from governance.audit.models import Entry  # noqa: E402
from governance.errors import Conflict  # noqa: E402
from governance.intake.idempotency import answered_once  # noqa: E402
from governance.intake.models import ErasureRequest, IdempotencyKey  # noqa: E402
from governance.intake.services import receive  # noqa: E402
from governance.people.services import create_client  # noqa: E402

THREADS, CONNECTIONS = 100, 30  # the server takes 100 connections from everyone together


def ask(actor: Actor, started: threading.Event | None = None, go_on: threading.Event | None = None):
    def act():
        request = receive(subject_identifier="a@b.example", law="gdpr", actor=actor)
        if started and go_on:
            started.set()
            go_on.wait(30)
        return 201, {"ref": request.ref}

    return answered_once(actor=actor, key="k-1", fingerprint="sha256:a", act=act)


def together(actor: Actor) -> dict[str, object]:
    gate, room = threading.Barrier(THREADS), threading.BoundedSemaphore(CONNECTIONS)
    count: Counter[str] = Counter(fresh=0, replayed=0, in_flight=0)
    answers, lock = set(), threading.Lock()

    def one() -> None:
        gate.wait()
        with room:
            try:
                status, body, replayed = ask(actor)
                with lock:
                    answers.add(json.dumps([status, body]))
                    count["replayed" if replayed else "fresh"] += 1
            except Conflict:
                with lock:
                    count["in_flight"] += 1
            finally:
                connection.close()

    threads = [threading.Thread(target=one) for _ in range(THREADS)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    status, _, replayed = ask(actor)
    return {**count, "answers": sorted(answers), "after": [status, replayed]} | rows()


def one_waits(actor: Actor) -> dict[str, object]:
    started, go_on = threading.Event(), threading.Event()
    first = threading.Thread(target=ask, args=(actor, started, go_on))
    first.start()
    started.wait(30)
    try:
        ask(actor)
        told: dict[str, object] = {}
    except Conflict as error:
        told = {"code": error.code, "status": error.status}
    go_on.set()
    first.join()
    return told | {"cases": ErasureRequest.objects.count()}


def rows() -> dict[str, int]:
    entries = Entry.objects.filter(event="request:received").count()
    return {"cases": ErasureRequest.objects.count(), "keys": IdempotencyKey.objects.count(), "entries": entries}


caller = machine(create_client(name="portal", scopes=["requests:write"])[0])
print(json.dumps(one_waits(caller) if "in-flight" in sys.argv else together(caller)))
