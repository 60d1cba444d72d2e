"""A tiny, believable world: a ward of 20 patients with 4 measurements, and two models."""

import io
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from governance.actors import Actor

PATIENTS, WIDTH = 20, 4
PROBLEM: dict[str, Any] = {
    "lam": 0.1,
    "eta": 0.5,
    "sigma": 0.05,
    "steps": 10,
    "n_0": 20,
    "norm_bound": 1.0,
    "classes": [0, 1],
    "centres": [0.0] * WIDTH,
    "scales": [1.0] * WIDTH,
    "adjacency": "zero_out",
    "contribution_cap": 1,
}
DEFAULT_TYPES = {
    "record_id": pa.string(),
    "subject": pa.string(),
    "label": pa.int64(),
    "features": pa.list_(pa.float64()),
}


def columns(people: Any = range(PATIENTS), width: int = WIDTH) -> dict[str, list[Any]]:
    people = list(people)
    return {
        "record_id": [f"scan-{number}" for number in people],
        "subject": [f"patient{number}@ward.example" for number in people],
        "label": [number % 2 for number in people],
        "features": [[number + column / 8 + 0.123456789 for column in range(width)] for number in people],
    }


def parquet(values: dict[str, list[Any]], **types: pa.DataType) -> bytes:
    kinds = DEFAULT_TYPES | types
    sink = io.BytesIO()
    pq.write_table(pa.table({name: pa.array(column, kinds[name]) for name, column in values.items()}), sink)
    return sink.getvalue()


class Ward:
    """The ward's dataset, a snapshot of it, and a model; a second dataset and model that have nothing to do with it."""

    def __init__(self, actor: Actor) -> None:
        from governance.lineage.services import register_dataset, register_model, take_snapshot

        self.actor = actor
        self.dataset = register_dataset(name="ward", feature_width=WIDTH, rows_per_subject=1, actor=actor)
        self.snapshot = take_snapshot(dataset=self.dataset, parquet=parquet(columns()), actor=actor)
        self.other_dataset = register_dataset(name="digits", feature_width=2, rows_per_subject=1, actor=actor)
        self.other_snapshot = take_snapshot(
            dataset=self.other_dataset, parquet=parquet(columns(range(100, 120), width=2)), actor=actor
        )
        fixed = {"engine": "certified.train", "cap_mu": None, "cap_delta": None, "actor": actor}
        self.model = register_model(name="risk", dataset=self.dataset, problem=PROBLEM, **fixed)
        narrow = PROBLEM | {"centres": [0.0] * 2, "scales": [1.0] * 2}
        self.other_model = register_model(name="digit", dataset=self.other_dataset, problem=narrow, **fixed)

    def subject(self, number: int) -> Any:
        from governance.lineage.identifiers import subject_index
        from governance.lineage.models import Subject

        return Subject.objects.get(index=subject_index(f"patient{number}@ward.example"))

    def checkpoint(self, model: Any = None, snapshot: Any = None, weights: bytes = b"w") -> Any:
        """A checkpoint as the recorded outcome of a training job makes it, without running one."""
        return self.recorded(self.training(model, snapshot), weights)

    def training(self, model: Any = None, snapshot: Any = None) -> Any:
        """A training job under way."""
        from governance.jobs.models import Job
        from governance.lineage.services import start_training

        model, snapshot = model or self.model, snapshot or self.snapshot
        return Job.objects.get(run=start_training(model=model, snapshot=snapshot, actor=self.actor))

    def recorded(self, job: Any, weights: bytes = b"w") -> Any:
        from governance.lineage.outcomes import checkpoint_from
        from governance.objects.store import hold, put_bytes

        run = job.run
        job.weights = put_bytes(weights + str(run.pk).encode(), owner=job.ref)
        hold(job.weights)
        job.result = {"ledger": {"format": "obelus/ledger/1", "events": []}}
        job.save()
        return checkpoint_from(job)
