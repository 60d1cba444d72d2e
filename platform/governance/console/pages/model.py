"""One model: its lineage as a picture of counts, its certificates over time, and what is due for it."""

from typing import Any

from django.http import HttpRequest
from django.template.response import TemplateResponse

from governance.console.access import may, user_of
from governance.console.deeds import BY_NAME, Deed, questions
from governance.console.pages import privacy
from governance.console.pages.certificate_chart import chart_of
from governance.console.pages.found import by_ref
from governance.console.pages.lineage_graph import graph_of
from governance.console.pages.sentinels import over_releases
from governance.console.shell import show
from governance.console.withdrawn import of_withdrawn
from governance.console.work_words import engine_words
from governance.jobs.models import Certificate, Disposition, Plan
from governance.lineage.bases import base_of
from governance.lineage.models import DatasetKind, TrainedModel
from governance.people.models import User

MOST_SHOWN = 40
TRAIL = (("Models", "lineage_trainedmodel_changelist"),)


def page(request: HttpRequest, ref: str) -> TemplateResponse:
    row = by_ref(TrainedModel.objects.select_related("dataset__extractor"), ref)
    certificates = list(Certificate.objects.filter(checkpoint__model=row).order_by("unlearned_at"))
    due = Disposition.objects.filter(checkpoint__model=row, status=Disposition.Status.OPEN, plan=None).count()
    return show(
        request,
        "model.html",
        title=row.name,
        trail=TRAIL,
        row=row,
        kind=engine_words(row.engine),
        graph=graph_of(row),
        chart=chart_of(certificates),
        privacy=privacy.of_model(row),
        over=over_releases(row),
        due_count=due,
        plans=row.plans.exclude(status=Plan.Status.DISCARDED).order_by("-id")[:10],
        deployments=row.deployments.order_by("name"),
        cap=getattr(row, "cap", None),
        withdrawal=of_withdrawn(row),
        may_train=trainable(row) and may(user_of(request), "start_training"),
        never_trained=not row.runs.exists(),
        fixed=fixed_of(row.problem),
        base=base_of(row.public_inputs),
        deeds=[(deed, questions(deed)) for deed in open_deeds(user_of(request), row, due)],
    )


def trainable(row: TrainedModel) -> bool:
    """One from elsewhere is not, until its own command is fixed."""
    return row.withdrawn_at is None and bool(row.problem and row.dataset)


def fixed_of(problem: dict[str, Any]) -> list[tuple[str, str]]:
    """Every constant by name; many equal numbers as one, and a long list by its length."""
    return [(name, in_short(value)) for name, value in sorted(problem.items())]


def in_short(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {in_short(inner)}" for name, inner in sorted(value.items()))
    if not isinstance(value, list):
        return str(value)
    if len(value) > 1 and len(set(map(str, value))) == 1:
        return f"{value[0]} for all {len(value)}"
    return ", ".join(map(str, value)) if len(value) <= MOST_SHOWN else f"{len(value)} numbers"


def open_deeds(user: User, row: TrainedModel, due: int) -> list[Deed]:
    """Planning while something is due; withdrawal always, once."""
    offers = (("propose_plan", due), ("plant_sentinels", takes_sentinels(row)), ("withdraw_model", True))
    wanted = [name for name, offered in offers if offered]
    return [BY_NAME[name] for name in wanted if row.withdrawn_at is None and may(user, name)]


def takes_sentinels(row: TrainedModel) -> bool:
    """Nobody's texts cannot be drawn yet: of texts, planted rows come with the upload."""
    return row.dataset is not None and row.dataset.kind == DatasetKind.FEATURES
