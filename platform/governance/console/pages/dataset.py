"""One dataset: what is fixed of it, its versions in counts, and the models that learn from it."""

from django.http import HttpRequest
from django.template.response import TemplateResponse

from governance.console.access import may, user_of
from governance.console.pages.found import by_ref
from governance.console.shell import show
from governance.console.timeline import timeline
from governance.lineage.models import Dataset, Snapshot, TrainedModel

TRAIL = (("Datasets", "lineage_dataset_changelist"),)
DATASETS = Dataset.objects.select_related("extractor__model")


def page(request: HttpRequest, ref: str) -> TemplateResponse:
    row = by_ref(DATASETS, ref)
    user = user_of(request)
    return show(
        request,
        "registering/dataset_page.html",
        title=row.name,
        trail=TRAIL,
        row=row,
        versions=Snapshot.objects.filter(dataset=row).order_by("-id")[:25],
        models=TrainedModel.objects.filter(dataset=row).order_by("name"),
        tested=TrainedModel.objects.filter(holdout__dataset=row).order_by("name"),
        may_add=may(user, "take_snapshot"),
        may_register=may(user, "register_model"),
        moments=timeline([row.ref]),
    )
