"""The digit reader's verification with its sealed part, and sentinels over its releases: made up, in the real forms."""

from typing import Any

from django.utils import timezone

from evidence.canonical import digest_json
from governance.actors import WORKER, person
from governance.audit.models import Event
from governance.audit.sealing import seal
from governance.jobs.models import Job, Plan
from governance.jobs.submission import submit
from governance.transitions import move
from governance.verification import sentinels
from governance.verification.models import SentinelRetest, SentinelSet
from governance.verification.sentinel_findings import finding
from tests.console.clock import days_ago

BUDGETS = (0.0, 0.05, 0.1, 0.2)
# Successes at each budget, of so many: what the arms of a made-up attack gave.
PEOPLE = {"A": (2, 4, 7, 10), "B:0": (2, 3, 6, 9), "B:1": (1, 3, 5, 10), "B:2": (3, 4, 6, 9), "P": (9, 11, 12, 12)}
PLANTED = {"A": (11, 12, 14, 17), "B:0": (10, 12, 13, 16), "B:1": (12, 13, 15, 18), "P": (20, 20, 20, 20)}
NEVER = (40, 61, 90, 131)
CURVE = [0.0, 0.0, 0.1, 0.16, 0.25, 0.33, 0.5, 0.58, 0.75, 0.81, 1.0, 1.0]
STEEP = [0.0, 0.2, 0.1, 0.55, 0.25, 0.75, 0.5, 0.9, 0.75, 0.97, 1.0, 1.0]


def line(name: str, arm: str, tier: str, **more: Any) -> dict[str, Any]:
    empty = {"budget": None, "successes": None, "trials": None, "value": None, "per_record": None}
    return {"name": name, "arm": arm, "tier": tier, **empty, **more}


def bits(name: str, arm: str, tier: str, counts: tuple[int, ...], trials: int) -> list[dict[str, Any]]:
    return [
        line(name, arm, tier, budget=budget, successes=hits, trials=trials, value=hits / trials,
             per_record=[1] * hits + [0] * (trials - hits))
        for budget, hits in zip(BUDGETS, counts, strict=True)
    ]  # fmt: skip


def measurements() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(open, sealed) lines."""
    uma = "uma.linf.label_only"
    opened = [line("utility.accuracy", "A", "open", successes=271, trials=300, value=271 / 300)]
    opened += bits(uma, "C", "open", NEVER, 150) + bits(f"canary.{uma}", "A", "open", PLANTED["A"], 20)
    opened += bits(f"canary.{uma}", "C", "open", tuple(hits // 2 for hits in NEVER), 80)
    opened += [line("canary.membership.loss", "A", "open", value=0.53)]
    opened += [line("canary.membership.loss.roc", "A", "open", per_record=CURVE)]
    sealed = [each for arm, counts in PEOPLE.items() for each in bits(uma, arm, "sealed", counts, 12)]
    sealed += [
        each
        for arm, counts in PLANTED.items()
        if arm != "A"
        for each in bits(f"canary.{uma}", arm, "sealed", counts, 20)
    ]
    for arm, points, area in (("A", CURVE, 0.55), ("B:0", CURVE, 0.52), ("P", STEEP, 0.81)):
        sealed += [line("membership.loss", arm, "sealed", value=area)]
        sealed += [line("membership.loss.roc", arm, "sealed", per_record=points)]
    return opened, sealed


def attack(world: Any, plan: Plan) -> Job:
    """A recorded attack, its sealed lines under the plan's key."""
    params = {"budgets": list(BUDGETS), "norm": "linf", "target": "label_only", "seed": 1}
    job = submit(engine="verify.linear", params=params, actor=WORKER, plan=plan, purpose="verify")
    opened, sealed = measurements()
    form = "obelus/measurements/1"
    result = {"result": {}, "ledger": None, "open": {"format": form, "measurements": opened}}
    move(job, "running", actor=WORKER, event=Event.ATTEMPT_STARTED, thread=plan.ref, lease_until=timezone.now())
    done = {"step": 3, "steps": 3, "attempt": 1, "token": 1, "ended_at": timezone.now(), "phase": "done"}
    move(job, "succeeded", actor=WORKER, event=Event.JOB_RECORDED, thread=plan.ref, result=result, **done)
    seal(plan.ref, f"measurements/{job.ref}", {"format": form, "measurements": sealed})
    return job


def batteries() -> dict[str, Any]:
    """What a verdict says of them, and what would decide it."""
    tried = {"name": "uma.linf.label_only", "budgets": list(BUDGETS), "references": 3, "open": []}
    return {
        "attempt": 1,
        "batteries": [{**tried, "records": 12, "never_seen": 150}],
        "canaries": {"outcome": "inconclusive", "records": 20, "reasons": [], "batteries": [
            {**tried, "records": 20, "never_seen": 80}]},
        "decides": [
            "Wait and erase about 160 records in one batch: 3 trainings, about 8 min.",
            "Retrain without the erased records: one training, about 3 min.",
        ],
    }  # fmt: skip


def plant(world: Any) -> SentinelSet:
    """Twenty sentinels in the digits, half of them erased before the second release, and back in the third."""
    model = world.digits
    with days_ago(99):
        constants = {"centres": 0.0, "scales": 1.0, "classes": [0, 1]}
        row = sentinels.plant(dataset=model.dataset, count=40, kind="random", like="writer-####@post.example",
                              actor=person(world.people["auditor"], "auditor"), constants=constants)  # fmt: skip
    told = ((0, 0, 39), (1, 10, 20), (2, 19, 20))
    clean = False
    for checkpoint, (place, erased, kept) in zip(model.checkpoints.order_by("id")[:3], told, strict=False):
        asked = 20 if place else 0
        groups = {
            "erased": [1] * erased + [0] * (asked - erased),
            "kept": [1] * kept + [0] * (40 - asked - kept),
            "never_planted": [1, 0] * 40,
        }
        body = finding({0.0: groups}, level=0.05, test=place + 1, was_clean=clean)
        clean = clean or body["outcome"] == "clean"
        SentinelRetest.objects.create(
            sentinels=row, checkpoint=checkpoint, body=body, digest=digest_json(body), outcome=body["outcome"],
            done_at=checkpoint.created_at,
        )  # fmt: skip
    return row
