"""The exact step of a ladder that trains anew the adapters which learned the rows, on what is left of their groups.

Retraining for a share of its price: the other adapters were trained alone, from the same seed and base, so a whole
retraining without the rows would give them what they are. What is trained, what goes and what stays stand in the plan.
"""

from typing import Any

from evidence.checks.retrained_adapters import KEPT, renumbered
from evidence.unproved_families import RETRAIN_ADAPTER, RETRAINS_ADAPTER
from governance.jobs.dropping import why_not
from governance.jobs.models import Plan
from governance.jobs.planfacts import Batch
from governance.lineage.adapters import origins
from governance.lineage.models import Snapshot, TrainedModel
from unlearning.catalog import with_defaults

Parts = dict[str, list[int]]


def retrain_step(batch: Batch) -> dict[str, Any]:
    """The step as a plan names it: which adapters learn anew, go or stay. Without adapters it cannot be run."""
    parts, forget = origins(batch.source), set(batch.rows)
    model = batch.source.model
    step: dict[str, Any] = {"method": RETRAIN_ADAPTER}
    if why := why_not(parts, forget) or why_no_share(parts or {}, forget):
        nothing: dict[str, Any] = {"row_passes": 0, "params": {"adapters": []}, "emptied": [], "staying": []}
        return {**step, **nothing, "left_rows": 0, "why_not": why}
    going = going_of(parts or {}, forget)
    left = {name: set(rows) - forget for name, rows in (parts or {}).items() if name in going}
    rows = sum(map(len, left.values()))
    return {
        **step,
        "row_passes": with_defaults(model.engine, model.problem)["epochs"] * rows,
        "params": {"adapters": going},
        "emptied": [name for name in going if not left[name]],
        "staying": [name for name in parts or {} if name not in going],
        "left_rows": rows,
    }


def going_of(parts: Parts, forget: set[int]) -> list[str]:
    return [name for name, rows in parts.items() if forget & set(rows)]


def why_no_share(parts: Parts, forget: set[int]) -> str:
    """Why training adapters anew would be nothing but retraining; empty where something may stay as it is."""
    if going_of(parts, forget) == list(parts):
        return "Every adapter of the model learned some of the rows: to train them all anew is retraining."
    return ""


def retraining(plan: Plan, step: dict[str, Any], forget: list[int]) -> dict[str, Any]:
    """Engine, parameters, inputs and manifests of the job; what is learned is read from the object without the rows."""
    told, model = origins(plan.source) or {}, plan.model
    going: list[str] = step["params"]["adapters"]
    parts = {name: renumbered(told[name], forget) for name in going}
    parts = {name: rows for name, rows in parts.items() if rows}
    learned = sorted(row for rows in parts.values() for row in rows)
    return {
        "engine": RETRAINS_ADAPTER,
        "params": {
            **model.problem,
            **{"adapters": going, "origins": {"base": [], "adapters": told}, "parts": parts},
        },
        "inputs": inputs_of(plan, model),
        "manifests": {"forget": {"texts": forget}} | ({"retain": {KEPT: learned}} if learned else {}),
    }


def inputs_of(plan: Plan, model: TrainedModel) -> dict[str, str]:
    """The old weights and the base beneath them; the rows as they were, and without those to forget."""
    before, after = snapshot_of(plan.source.run.snapshot), snapshot_of(plan.new_snapshot)
    return {
        "model": plan.source.object_digest,
        "texts": before.object_digest,
        KEPT: after.object_digest,
        **model.public_inputs,
    }


def snapshot_of(found: Snapshot | None) -> Snapshot:
    if found is None:
        raise ValueError("a plan whose adapters are trained anew has a snapshot before and one after")
    return found
