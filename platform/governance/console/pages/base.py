"""One base: whose it is as declared, its digest, and the models that start from it."""

from django.http import HttpRequest
from django.template.response import TemplateResponse

from governance.console.pages.found import by_ref
from governance.console.shell import show
from governance.console.timeline import timeline
from governance.lineage.bases import INPUT
from governance.lineage.models import Base, TrainedModel

TRAIL = (("Bases", "lineage_base_changelist"),)


def page(request: HttpRequest, ref: str) -> TemplateResponse:
    row = by_ref(Base.objects.all(), ref)
    models = TrainedModel.objects.filter(public_inputs__contains={INPUT: row.object_digest}).order_by("name")
    return show(
        request,
        "registering/base_page.html",
        title=row.name,
        trail=TRAIL,
        row=row,
        models=models,
        moments=timeline([row.ref]),
    )
