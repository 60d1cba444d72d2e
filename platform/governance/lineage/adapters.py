"""Which rows stand in which adapter of a language model: what makes dropping one exact.

Adapters are trained each alone, all others off, on a public base (bases.py). With several groups every person's rows
are in one adapter, by a number that a person keeps, so that whoever leaves takes one adapter along.
"""

from typing import Any

from evidence.checks.retrained_adapters import renumbered
from governance.jobs.models import Job
from governance.lineage.models import Checkpoint, Snapshot
from governance.lineage.selectors import INHERITING

TRAINS, DROPS, RETRAINS = "language.train", "language.drop", "language.retrain_adapter"


def adapters_of(problem: dict[str, Any]) -> list[str]:
    """Names of the adapters that a training makes; those whose group has no rows are left out by `by_adapter`."""
    adapter = problem.get("adapter")
    if not adapter:
        return []
    groups = adapter.get("groups", 1)
    return [adapter["name"]] if groups == 1 else [f"{adapter['name']}_{number}" for number in range(groups)]


def by_adapter(problem: dict[str, Any], snapshot: Snapshot) -> dict[str, list[int]]:
    """Adapter name -> rows of the snapshot that it learns; empty where a model has none."""
    names = adapters_of(problem)
    rows: dict[str, list[int]] = {}
    for row, person in snapshot.members.order_by("row").values_list("row", "record__subject") if names else ():
        rows.setdefault(names[person % len(names)], []).append(row)
    return dict(sorted(rows.items()))


def parts_param(problem: dict[str, Any], snapshot: Snapshot) -> dict[str, Any]:
    """The parameter `parts` of a training; one adapter needs none."""
    return {"parts": by_adapter(problem, snapshot)} if len(adapters_of(problem)) > 1 else {}


def origins(checkpoint: Checkpoint) -> dict[str, list[int]] | None:
    """Adapter -> rows of the checkpoint's snapshot that it learned, for every adapter of the file; the base beneath
    learned from nobody here. None where that is not known, or other weights moved too.
    """
    snapshot, job = checkpoint.run.snapshot, made_by(checkpoint)
    if snapshot is None or job is None or "base" not in checkpoint.model.public_inputs:
        return None
    if checkpoint.ancestors.filter(kind__in=INHERITING).exists():
        return None  # as somebody said, these weights carry on what others learned, in a part that would stay
    rows = by_adapter(checkpoint.model.problem, snapshot)
    if job.engine == TRAINS:
        rows = job.spec["params"].get("parts", rows)  # as it was told, whatever rule spreads people today
        there = set(rows)
    elif job.engine == DROPS:
        # It removes and adds nothing: what stays was trained by the same rule on what is a part of the rows before.
        there = set(job.spec["params"]["origins"]["adapters"]) - set(job.spec["params"]["adapters"])
    elif job.engine == RETRAINS:
        rows = after_retraining(job)
        there = set(rows)
    else:
        return None
    return {name: rows[name] for name in sorted(there)} if there and there <= set(rows) else None


def after_retraining(job: Job) -> dict[str, list[int]]:
    """What each adapter learned once some were trained anew, in the numbering of the snapshot without the rows."""
    told, params = job.spec["params"]["origins"]["adapters"], job.spec["params"]
    [gone] = job.spec["manifests"]["forget"].values()
    stayed = {name: renumbered(rows, gone) for name, rows in told.items() if name not in params["adapters"]}
    return {**stayed, **params["parts"]}


def made_by(checkpoint: Checkpoint) -> Job | None:
    """The job that brought these weights."""
    done = Job.objects.filter(run=checkpoint.run, weights=checkpoint.object_digest, status=Job.Status.SUCCEEDED)
    return done.order_by("id").last()
