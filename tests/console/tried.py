"""Two trials of one recipe on public rows: one that ended, attacked with made-up numbers, and one under way."""

import io
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.utils import timezone

from governance.actors import WORKER
from governance.audit.models import Event
from governance.audit.sealing import seal
from governance.jobs.models import Job
from governance.jobs.submission import submit
from governance.lineage import services as lineage
from governance.lineage.models import Snapshot
from governance.transitions import move
from governance.verification.families import NETWORKS, attack_params
from governance.verification.models import Policy, QualificationRun
from governance.verification.qualification_results import conclude
from governance.verification.qualifying import qualify
from governance.verification.services import fix_policy
from tests.console.attacked import BUDGETS, NEVER, PLANTED, bits, line
from tests.console.clock import REAL_NOW, days_ago

FORMAT = "obelus/measurements/1"
WIDTH, ROWS, ODD = 4, 60, 40
PROBLEM: dict[str, Any] = {"family": "mlp", "shape": [WIDTH], "classes": [0, 1, 2], "width": 16, "epochs": 30}
PRICES = {
    "row_gradient_s": 1e-6,
    "delete_fixed_s": 2.0,
    "retrain_fixed_s": 2.0,
    "delete_verification_s": 5.0,
    "retrain_verification_s": 5.0,
}
RULES: dict[str, Any] = {
    "budgets": list(BUDGETS),
    "norm": "linf",
    "target": "label_only",
    "steps": 10,
    "restarts": 1,
    "margin": 0.25,
    "level": 0.05,
    "references": 2,
    "never_seen": 40,
    "utility_floor": 0.4,
    "resamples": 200,
    "seed": 7,
    "references_by": "qualification",
    "approximate": {"method": "l1_sparse"},
}


def build(world: Any) -> None:
    with days_ago(3):
        rows, unseen = public(world, "Public clouds", planted=ODD), public(world, "Public clouds, unseen")
        world.recipe_policy = recipe_policy(world)
        world.clouds = lineage.register_model(
            name="cloud-reader",
            dataset=rows.dataset,
            engine="classifier.train",
            problem=PROBLEM,
            cap_mu=None,
            cap_delta=None,
            actor=world.as_officer(),
        )
        asked = {"problem": PROBLEM, "policy": world.recipe_policy, "snapshot": rows, "holdout": unseen}
        world.tried = ended(qualify(**asked, actor=world.as_officer()))
    with days_ago(0.02):
        world.trying = under_way(qualify(**asked, actor=world.as_officer()))


def recipe_policy(world: Any, **changes: Any) -> Policy:
    body = {
        "format": "obelus/policy/1",
        "claim": {"regime": "per_record", "epsilon": 0.5, "delta": 1e-5},
        "bounds": {"a_epsilon": 0.5, "b_epsilon": 8.0},
        "prices": PRICES,
        "destruction_deadline_days": 30,
        "verification": {**RULES, **changes},
    }
    return fix_policy(name="clouds", body=body, actor=world.as_officer())


def public(world: Any, name: str, *, planted: int = 0) -> Snapshot:
    rows: dict[str, Any] = {
        "record_id": [f"{name}-{row}" for row in range(ROWS)],
        "subject": [f"{name}-{row}@example.org" for row in range(ROWS)],
        "label": pa.array([row % 3 for row in range(ROWS)], pa.int64()),
        "features": pa.array([[float(row)] * WIDTH for row in range(ROWS)], pa.list_(pa.float64())),
    }
    if planted:
        rows["planted"] = pa.array([row >= ROWS - planted for row in range(ROWS)])
    buffer = io.BytesIO()
    pq.write_table(pa.table(rows), buffer)
    dataset = lineage.register_dataset(name=name, feature_width=WIDTH, rows_per_subject=1, actor=world.as_officer())
    return lineage.take_snapshot(dataset=dataset, parquet=buffer.getvalue(), actor=world.as_officer())


def ended(run: QualificationRun) -> QualificationRun:
    params = attack_params(NETWORKS, RULES, references=True)
    attack = submit(engine=NETWORKS.attack, params=params, purpose="qualify", thread=run.ref, actor=WORKER)
    for job in Job.objects.filter(thread=run.ref):
        started(job)
        done = {"step": 40, "steps": 40, "phase": "done", "ended_at": timezone.now()}
        measured = {"open": {"format": FORMAT, "measurements": measurements("open")}}
        result = measured if job.pk == attack.pk else {}
        move(job, "succeeded", actor=WORKER, event=Event.JOB_RECORDED, thread=run.ref, result=result, **done)
    seal(run.ref, f"measurements/{attack.ref}", {"format": FORMAT, "measurements": measurements("sealed")})
    conclude(run, Job.objects.get(pk=attack.pk))
    return run


def under_way(run: QualificationRun) -> QualificationRun:
    job = started(Job.objects.filter(thread=run.ref).earliest("id"))
    Job.objects.filter(pk=job.pk).update(step=12, steps=30, rate=0.4, phase="epochs", heartbeat_at=REAL_NOW())
    return run


def started(job: Job) -> Job:
    until = timezone.now() + timedelta(hours=2)
    move(job, "running", actor=WORKER, event=Event.ATTEMPT_STARTED, thread=job.thread, lease_until=until,
         attempt=1, token=1, worker="worker-1")  # fmt: skip
    return job


def measurements(tier: str) -> list[dict[str, Any]]:
    uma = "uma.linf.label_only"
    found = [line("utility.accuracy", "A", "open", successes=51, trials=60, value=51 / 60)]
    for arm, counts in PLANTED.items():
        found += bits(f"canary.{uma}", arm, "open" if arm == "A" else "sealed", counts, 20)
    found += bits(f"canary.{uma}", "C", "open", NEVER, 150) + bits(uma, "C", "open", NEVER, 150)
    return [each for each in found if each["tier"] == tier]
