"""The exact step of a ladder for language models: leave out the adapters that alone learned the rows.

What goes, what stays and how many rows of other people go with it stand in the plan before anything runs.
"""

from pathlib import Path
from typing import Any

from evidence.packed import differences_without
from evidence.unproved_families import DROP, DROPS
from governance.errors import Conflict
from governance.jobs.models import Job, Plan
from governance.jobs.parts import PACKED
from governance.jobs.planfacts import Batch
from governance.lineage.adapters import origins
from governance.lineage.models import Checkpoint
from governance.objects.store import open_path, parts_of

NOT_WHAT_WAS_THERE = "not_what_was_there"


def drop_step(batch: Batch) -> dict[str, Any]:
    """The step as a plan names it: which adapters go and stay, and the rows lost. Without adapters it cannot be run."""
    step: dict[str, Any] = {"method": DROP, "row_passes": 0}
    parts, forget = origins(batch.source), set(batch.rows)
    if why := why_not(parts, forget):
        return {**step, "params": {"adapters": []}, "staying": [], "lost_rows": 0, "why_not": why}
    going = [name for name, rows in (parts or {}).items() if forget & set(rows)]
    lost = sum(len(set(rows) - forget) for name, rows in (parts or {}).items() if name in going)
    staying = [name for name in parts or {} if name not in going]
    return {**step, "params": {"adapters": going}, "staying": staying, "lost_rows": lost}


def why_not(parts: dict[str, list[int]] | None, forget: set[int]) -> str:
    """Why dropping would not be exact; empty where it is."""
    if parts is None:
        return "It is not known what each part of this model learned, or it has no adapters on a public base."
    if not forget or forget - set().union(*parts.values()):
        return "Some of the rows are in no adapter that is left."
    return ""


def dropping(plan: Plan, step: dict[str, Any]) -> dict[str, Any]:
    """Engine and parameters of the job."""
    told = {"base": [], "adapters": origins(plan.source) or {}}
    return {"engine": DROPS, "params": {"adapters": step["params"]["adapters"], "origins": told}}


def require_same_but_for(job: Job, source: Checkpoint) -> None:
    """The weights that came back are the old ones without these adapters, byte for byte; without any, the base itself.

    Adapters that were trained anew are there again, and of their kind; nothing else may have changed.
    Raises:
        Conflict: not_what_was_there.
    """
    params = job.spec["params"]
    gone, told, anew = set(params["adapters"]), set(params["origins"]["adapters"]), set(params.get("parts", {}))
    found = differences_without(file_of(source.object_digest), file_of(job.weights), gone, anew=anew)
    base = source.model.public_inputs.get("base", "")
    if not told - gone | anew and job.weights != base:
        found.append("nothing trained here is left, and yet these are not the bytes of the base")
    if found:
        raise Conflict(
            f"More than these adapters changed: {'; '.join(found[:3])}.",
            code=NOT_WHAT_WAS_THERE,
            remedy="Retrain; and see that the base was packed with `python -m unlearning pack`.",
        )


def file_of(digest: str) -> Path:
    """The packed file of a checkpoint's folder."""
    return open_path(parts_of(digest)[PACKED])
