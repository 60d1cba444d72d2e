"""One base: whose it is as declared, its digest, and the models that start from it."""

from django.http import HttpRequest
from django.template.response import TemplateResponse

from governance.console.access import user_of
from governance.console.deeds import open_to
from governance.console.pages.found import by_ref
from governance.console.shell import show
from governance.console.timeline import timeline
from governance.lineage.models import Base
from governance.releases.retraction import left_standing, standing_on

TRAIL = (("Bases", "lineage_base_changelist"),)


def page(request: HttpRequest, ref: str) -> TemplateResponse:
    row = by_ref(Base.objects.all(), ref)
    models = standing_on(row).order_by("name")
    return show(
        request,
        "registering/base_page.html",
        title=row.name,
        trail=TRAIL,
        row=row,
        models=models,
        moments=timeline([row.ref]),
        left=left_standing(row) if row.status == Base.Status.RETRACTED else [],
        deeds=open_to(user_of(request), "base", row.status),
    )
