"""A process of its own for races that need committed rows and real connections; prints what it saw as JSON.

What a race needs is made to happen, not hoped for: whoever holds the lock waits until the other one stands before it.
"""

import json
import tempfile
import threading
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402

from governance.actors import Actor, person  # noqa: E402
from governance.audit.models import Entry, StatusChange  # noqa: E402
from governance.errors import ObelusError  # noqa: E402
from governance.intake import services as intake  # noqa: E402
from governance.intake.packs import install_packs  # noqa: E402
from governance.jobs import plans  # noqa: E402
from governance.jobs.models import Certificate, Outbox, Plan  # noqa: E402
from governance.lineage import services as lineage  # noqa: E402
from governance.people.services import create_person  # noqa: E402
from governance.releases import destruction  # noqa: E402
from governance.releases import publishing as publishing_services  # noqa: E402
from governance.releases import services as releases  # noqa: E402
from governance.releases.models import Release  # noqa: E402
from tests.story.world import DELTA, Clinic, patient, sign, work  # noqa: E402
from unlearning.accounting.gdp import mu_for  # noqa: E402

PATIENCE_S = 6.0
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def at_once(*acts: Callable[[], Any]) -> list[str]:
    """Each act in a thread of its own, with a connection of its own; how each ended, in order."""
    gate, said = threading.Barrier(len(acts)), ["still running"] * len(acts)

    def one(place: int) -> None:
        gate.wait()
        try:
            acts[place]()
            said[place] = "done"
        except Exception as error:
            said[place] = error.code if isinstance(error, ObelusError) else f"{type(error).__name__}: {error}"
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(place,), daemon=True) for place in range(len(acts))]
    [thread.start() for thread in threads]
    [thread.join(60) for thread in threads]
    return said


def until_somebody_waits_for_a_lock() -> None:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        with connection.cursor() as cursor:
            cursor.execute(WAITING)
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)


def first_waits(act: Callable[..., Any]) -> Callable[..., Any]:
    """The function, but whoever calls it first gets its answer only when somebody else stands before a lock.

    Where nothing is locked the others run past meanwhile, and that answer is stale.
    """
    entered = threading.Lock()

    def held(*given: Any, **named: Any) -> Any:
        first = entered.acquire(blocking=False)
        answer = act(*given, **named)
        if first:
            until_somebody_waits_for_a_lock()
        return answer

    return held


def cast() -> SimpleNamespace:
    roles = {"officer": ["privacy_officer"], "deputy": ["privacy_officer"], "operator": ["operator"]}
    roles |= {"approver": ["approver"], "second_approver": ["approver"]}
    return SimpleNamespace(**{name: create_person(username=name, roles=given)[0] for name, given in roles.items()})


def changes(row: Any, to: str) -> int:
    return StatusChange.objects.filter(ref=row.ref, new=to).count()


def entries(event: str) -> int:
    return Entry.objects.filter(event=event).count()


def confirming(plan: Plan, officers: list[Actor]) -> dict[str, Any]:
    """Two people confirm one plan."""
    with patch.object(plans, "planned_batch", first_waits(plans.planned_batch)):
        said = at_once(*(lambda who=who: plans.confirm(plan=plan, actor=who) for who in officers))
    return {
        "said": sorted(said),
        "moves": changes(plan, "unlearning"),
        "confirmed": entries("plan:confirmed"),
        "jobs": plan.jobs.count(),
        "versions": plan.model.dataset.snapshots.count(),
        "proposers": Plan.objects.filter(pk=plan.pk, proposer__in=[who.user for who in officers]).count(),
    }


def approving(plan: Plan, clinic: Clinic) -> dict[str, Any]:
    """One person from two windows, and a second person, approve one release."""
    ann, ben = clinic.approvers()
    release, rung = plan.release, Outbox.objects.count()
    with patch.object(releases, "require_other_person", first_waits(releases.require_other_person)):
        said = at_once(*(lambda who=who: releases.approve(release=release, actor=who) for who in (ann, ann, ben)))
    release.refresh_from_db()
    return {
        "said": sorted(said),
        "status": release.status,
        "approvals": release.approvals.count(),
        "moves": changes(release, "approved"),
        "approved": Entry.objects.filter(event="release:approved", thread=plan.ref).count(),
        "rung": Outbox.objects.count() - rung,
    }


def ending(plan: Plan, second: Any, officer: Actor) -> dict[str, Any]:
    """The tick ends a plan while somebody confirms the scope of another request of the same person."""
    from governance.intake import scope

    found = threading.Event()
    real = scope.open_disposition

    def slowly(*given: Any) -> Any:
        """The person is locked and their model was still there: only now does the tick destroy and end the plan."""
        found.set()
        until_somebody_waits_for_a_lock()
        return real(*given)

    def tick() -> None:
        found.wait(30)
        destruction.advance_destroying()

    with patch.object(scope, "open_disposition", slowly):
        said = at_once(lambda: intake.confirm_scope(request=second, actor=officer), tick)
    destruction.advance_destroying()
    plan.refresh_from_db()
    return {
        "said": said,
        "plan": plan.status,
        "in_force": Certificate.objects.filter(plan=plan).exclude(effective_at=None).count(),
        "dispositions": sorted(plan.dispositions.values_list("status", flat=True)),
        "requests": sorted({each.request.status for each in plan.dispositions.select_related("request")}),
    }


def publishing(clinic: Clinic, policy: Any) -> dict[str, Any]:
    """Two models of one line's name, trained from nothing and approved each; only one of them fits under the cap."""
    cap = mu_for(epsilon=1.0, delta=DELTA) * 1.01
    others = clinic.take("other patients", clinic.features, clinic.labels, first=2000)
    model = lineage.register_model(
        name="capped", dataset=others.dataset, engine="certified.train", problem=clinic.model.problem,
        cap_mu=cap, cap_delta=DELTA, actor=clinic.operator,
    )  # fmt: skip
    waiting = [approved(clinic, clinic.train(model, others), policy) for _ in range(2)]
    with patch.object(publishing_services, "require_open", first_waits(publishing_services.require_open)):
        said = at_once(*(lambda which=which: sign(which) for which in waiting))
    out = [release for release in Release.objects.filter(checkpoint__model=model) if release.published_at]
    return {"said": sorted(said), "published": len(out)}


def approved(clinic: Clinic, checkpoint: Any, policy: Any) -> Release:
    release = releases.propose(checkpoint=checkpoint, policy=policy, actor=clinic.operator)
    for who in clinic.approvers():
        release = releases.approve(release=release, actor=who)
    return release


def story() -> dict[str, Any]:
    install_packs()
    folk = cast()
    clinic = Clinic(folk)
    policy = clinic.policy(verification__references=1)
    seen = {"publishing": publishing(clinic, policy)}
    _, place = clinic.first_release(policy)
    clinic.ask([50])
    second = intake.receive(subject_identifier=patient(50), law="gdpr", actor=clinic.officer)
    intake.prove_identity(request=second, method="in_person", actor=clinic.officer)
    plan = plans.propose(model=clinic.model, policy=policy, actor=clinic.officer)
    seen["confirming"] = confirming(plan, [clinic.officer, person(folk.deputy, "privacy_officer")])
    work()
    plan.refresh_from_db()
    seen["approving"] = approving(plan, clinic)
    sign(plan.release)
    clinic.deploy(plan.candidate, place)
    destruction.advance_published()
    return seen | {"ending": ending(Plan.objects.get(pk=plan.pk), second, clinic.officer)}


with tempfile.TemporaryDirectory() as folder:
    settings.OBELUS_VAR = folder
    print(json.dumps(story()))
