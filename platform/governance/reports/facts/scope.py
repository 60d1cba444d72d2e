"""Which models the requests touched and which they did not, and why."""

from typing import Any

from governance.jobs.models import Disposition, Plan
from governance.jobs.people import subjects_of
from governance.lineage.models import Deployment, Record, Subject, TrainedModel
from governance.reports.facts.requests import requests_of


def scope(plan: Plan) -> dict[str, Any]:
    """Over all the plan's requests together: a line for each person would say too much."""
    rows = Disposition.objects.filter(request__in=requests_of(plan)).select_related("checkpoint__model", "plan")
    touched = sorted({row.checkpoint.model for row in rows}, key=lambda model: model.pk)
    people = subjects_of(plan)
    others = TrainedModel.objects.exclude(pk__in=[model.pk for model in touched]).order_by("id")
    records = Record.objects.filter(subject__in=people, dataset=plan.model.dataset).count()
    return {
        "people": len(people),
        "records": records,
        "touched": [touched_line(model, [r for r in rows if r.checkpoint.model_id == model.pk]) for model in touched],
        "untouched": [{"name": model.name, "ref": model.ref, "why": why_not(model, people)} for model in others],
    }


def touched_line(model: TrainedModel, rows: list[Disposition]) -> dict[str, Any]:
    ends = sorted({row.get_status_display() for row in rows})
    plans = sorted({row.plan.ref for row in rows if row.plan})
    checkpoints = len({row.checkpoint_id for row in rows})
    places = [place(deployment) for deployment in model.deployments.order_by("id")]
    return {
        "name": model.name,
        "ref": model.ref,
        "checkpoints": checkpoints,
        "ends": ends,
        "plans": plans,
        "deployments": places,
    }


def place(deployment: Deployment) -> dict[str, str]:
    return {"name": deployment.name, "serving": deployment.serving}


def why_not(model: TrainedModel, people: list[Subject]) -> str:
    """Only what lineage can vouch for; where it cannot, that is what the line says."""
    if model.dataset is None:
        return "Trained elsewhere on data unknown here: lineage cannot tell, its declared gaps say so."
    if not Record.objects.filter(subject__in=people, dataset=model.dataset).exists():
        return "None of these people has a record in its dataset."
    return "Its dataset held records of these people, but no checkpoint still there learned from them."
