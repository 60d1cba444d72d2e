"""One model: its lineage as a picture of counts, its certificates over time, and what is due for it."""

from django.http import HttpRequest
from django.template.response import TemplateResponse

from governance.console.access import may, user_of
from governance.console.deeds import BY_NAME, questions
from governance.console.pages.certificate_chart import chart_of
from governance.console.pages.found import by_ref
from governance.console.pages.lineage_graph import graph_of
from governance.console.shell import show
from governance.jobs.models import Certificate, Disposition, Plan
from governance.lineage.models import TrainedModel

TRAIL = (("Models", "lineage_trainedmodel_changelist"),)


def page(request: HttpRequest, ref: str) -> TemplateResponse:
    row = by_ref(TrainedModel.objects.select_related("dataset"), ref)
    certificates = list(Certificate.objects.filter(checkpoint__model=row).order_by("unlearned_at"))
    due = Disposition.objects.filter(checkpoint__model=row, status=Disposition.Status.OPEN, plan=None).count()
    proposing = due and may(user_of(request), "propose_plan")
    return show(
        request,
        "model.html",
        title=row.name,
        trail=TRAIL,
        row=row,
        graph=graph_of(row),
        chart=chart_of(certificates),
        due_count=due,
        plans=row.plans.exclude(status=Plan.Status.DISCARDED).order_by("-id")[:10],
        deployments=row.deployments.order_by("name"),
        cap=getattr(row, "cap", None),
        deeds=[(BY_NAME["propose_plan"], questions(BY_NAME["propose_plan"]))] if proposing else [],
    )
