"""A model that has learned from four people, made by the services up to the place where a worker would come in."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from governance.actors import Actor, person
from governance.jobs.leases import claim
from governance.jobs.models import Job
from governance.jobs.services import Returned, record
from governance.lineage import services
from governance.lineage.models import Checkpoint
from governance.objects.store import put_folder

POLICY = {
    "format": "obelus/policy/1",
    "claim": {"regime": "per_record", "epsilon": 0.5, "delta": 1e-5},
    "bounds": {"a_epsilon": 0.5, "b_epsilon": 8.0},
    "prices": {
        "row_gradient_s": 1e-6,
        "delete_fixed_s": 1.0,
        "retrain_fixed_s": 1.0,
        "delete_verification_s": 1.0,
        "retrain_verification_s": 1.0,
    },
    "verification": {
        "budgets": [0.0],
        "norm": "l2",
        "target": "label_only",
        "margin": 0.1,
        "level": 0.05,
        "references": 1,
        "never_seen": 4,
        "utility_floor": 0.5,
        "resamples": 200,
        "seed": 1,
    },
    "destruction_deadline_days": 7,
}


def parquet() -> bytes:
    out = pa.BufferOutputStream()
    columns = {
        "record_id": [f"r{i}" for i in range(4)],
        "subject": [f"s{i}" for i in range(4)],
        "label": pa.array([0, 1, 0, 1], pa.int64()),
        "features": pa.array([[float(i), 0.5] for i in range(4)], pa.list_(pa.float64())),
    }
    pq.write_table(pa.table(columns), out)
    return bytes(out.getvalue())


def trained_checkpoint(folk, scratch: Path) -> Checkpoint:
    """A checkpoint by the owner's own command (engine `recipe`), recorded as a worker records it."""
    actor: Actor = person(folk.operator, "operator")
    home = services.register_dataset(name="cancer", feature_width=2, rows_per_subject=1, actor=actor)
    snapshot = services.take_snapshot(dataset=home, parquet=parquet(), actor=actor)
    problem = {"command": ["true"], "timeout_s": 10}
    model = services.register_model(
        name="m", dataset=home, engine="recipe", problem=problem, cap_mu=None, cap_delta=None, actor=actor
    )
    run = services.start_training(model=model, snapshot=snapshot, actor=actor)
    bring_back(Job.objects.get(run=run), scratch, b"weights of the first release")
    return Checkpoint.objects.get(run=run)


def bring_back(job: Job, scratch: Path, weights: bytes) -> Job:
    held = claim(job.ref, worker="test")
    assert held is not None
    folder = scratch / job.ref
    folder.mkdir()
    (folder / "model.bin").write_bytes(weights)
    digest = put_folder(folder, owner=job.ref, token=held.token)
    result = {"format": "obelus/result/1", "job": job.ref, "engine": job.engine, "status": "done", "outputs": {}}
    return record(held, Returned(result=result, weights=digest))
