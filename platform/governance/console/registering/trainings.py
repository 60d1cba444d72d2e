"""Queueing a training of a model on a version of its data: its constants are fixed, so only the version is asked."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from governance.actors import Actor
from governance.api.lineage_inputs import NewTraining
from governance.api.views.models import trained
from governance.console.access import acting, user_of
from governance.console.addresses import page_of
from governance.console.choices import worded
from governance.console.pages.found import by_ref
from governance.console.registering.asking import Ask, typed
from governance.console.registering.refusing import REFUSALS, Refusal, refusal_of
from governance.console.registering.repeats import refuse_repeat
from governance.console.registering.showing import show_form
from governance.console.work_words import engine_words
from governance.lineage.models import Snapshot, TrainedModel, TrainingRun

TRAIL = (("Models", "lineage_trainedmodel_changelist"),)
VERSION = Ask(
    name="snapshot",
    label="On which version of its dataset?",
    shape="choice",
    required=True,
    help="All of its rows are learned. A version with somebody whose erasure is under way is refused.",
)
PLACES = dict.fromkeys(
    ("wrong_dataset", "snapshot_under_erasure", "snapshot_holds_erased", "destroyed", "not_found"), "snapshot"
)


def asks(row: TrainedModel) -> list[Ask]:
    found = Snapshot.objects.filter(dataset=row.dataset, destroyed_at=None) if row.dataset else Snapshot.objects.none()
    return [VERSION.offering(worded(found))]


def page(request: HttpRequest, ref: str) -> HttpResponse:
    """The question; on a POST a job in the queue, to which it leads."""
    actor = acting(user_of(request), "start_training")
    row = by_ref(TrainedModel.objects.select_related("dataset"), ref)
    if request.method != "POST":
        return form(request, row)
    try:
        run = queued(request, row, actor)
    except REFUSALS as error:
        return form(request, row, refusal_of(error, PLACES))
    messages.success(request, "Done: the training is in the queue. A worker takes it up; this page follows it.")
    return HttpResponseRedirect(page_of(run.jobs.get()))


@transaction.atomic
def queued(request: HttpRequest, row: TrainedModel, actor: Actor) -> TrainingRun:
    """One of two clicks waits for the other, and is told of it."""
    TrainedModel.objects.select_for_update(of=("self",)).get(pk=row.pk)
    refuse_repeat(request, there=row.runs.count(), one_more="a training")
    reader = NewTraining(data=typed(request, asks(row)))
    reader.is_valid(raise_exception=True)
    return trained(row, dict(reader.validated_data), actor)


def form(request: HttpRequest, row: TrainedModel, refusal: Refusal | None = None) -> TemplateResponse:
    return show_form(
        request,
        "training.html",
        title=f"Train {row.name}",
        trail=TRAIL,
        asks=asks(row),
        refusal=refusal,
        row=row,
        kind=engine_words(row.engine),
        there=row.runs.count(),
    )
