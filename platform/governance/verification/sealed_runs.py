"""What runs of unlearning told of themselves step by step: functions of the rows to forget, sealed until the case goes.

Which of a job's outputs these are is decided when it is recorded (jobs/tiers.py, decision 0033). Only the reading room
opens them.
"""

from dataclasses import dataclass
from typing import Any

from evidence.unproved_families import EXACT
from governance.audit.models import Sealed
from governance.audit.sealing import unseal
from governance.jobs.models import Job, Plan
from governance.jobs.running import unlearnings

Document = dict[str, Any]


@dataclass(frozen=True)
class Look:
    """The run as it was at one step: mean probabilities of answers, and usefulness as a share of the old model's.

    pushed: how many rows of that step's batch were still being pushed away.
    """

    step: int
    forget: float
    never_seen: float
    utility: float
    pushed: int


@dataclass(frozen=True)
class Run:
    """One step of the ladder. kept: the step whose weights were taken; why: the engine's reason for stopping.

    A run that the engine gave up has no looks; why is then what it said.
    """

    job: str
    method: str
    floor: float | None
    planned: int
    ended: int
    kept: int
    why: str
    looks: list[Look]


def sealed_names(plan: Plan) -> set[str]:
    """What of this case is sealed and still there."""
    return set(Sealed.objects.filter(case_id=plan.ref).values_list("name", flat=True))


def runs_to_read(plan: Plan) -> list[Job]:
    """Runs of unlearning that sealed something which is still there; the first step of the ladder first."""
    names = sealed_names(plan)
    return [job for job in unlearnings(plan) if f"measurements/{job.ref}" in names]


def opened(plan: Plan, jobs: list[Job]) -> list[Run]:
    """The curves of these runs. Call it only for somebody whose look was logged."""
    told = [(job, unseal(plan.ref, f"measurements/{job.ref}")) for job in jobs]
    return [run_of(job, document) for job, document in told if document.get("curves") or document.get("refused")]


def run_of(job: Job, told: Document) -> Run:
    params, outputs = job.spec["params"], (job.result or {}).get("result", {}).get("outputs") or {}
    looks = [look_of(point) for point in told.get("curves", ())]
    if not looks:
        why = f"{told['refused']['code']}: {told['refused']['message']}"
        return Run(job.ref, method_of(job), None, planned=0, ended=0, kept=0, why=why, looks=[])
    return Run(
        job=job.ref,
        method=method_of(job),
        floor=params.get("utility_floor"),
        planned=int(outputs.get("planned_steps", looks[-1].step)),
        ended=int(told.get("steps", looks[-1].step)),
        kept=int(told.get("chosen_step", looks[-1].step)),
        why=str(told.get("reason", "")),
        looks=looks,
    )


def method_of(job: Job) -> str:
    """An exact step has an engine of its own and no parameter that names it."""
    exact = {engine: method for method, engine in EXACT.items()}
    return exact.get(job.engine) or str(job.spec["params"]["method"])


def look_of(point: dict[str, float]) -> Look:
    return Look(
        step=int(point["step"]),
        forget=float(point["forget"]),
        never_seen=float(point["holdout"]),
        utility=float(point["utility"]),
        pushed=int(point["pushed"]),
    )
