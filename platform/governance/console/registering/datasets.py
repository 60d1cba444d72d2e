"""Registering a dataset, perhaps with a first file of rows: looked at first, as often as wanted, and then taken in."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from governance.actors import Actor
from governance.api.answers import one
from governance.api.base import FILE_BYTES
from governance.api.lineage_inputs import NewDataset
from governance.console.access import acting, user_of
from governance.console.addresses import page_of
from governance.console.registering.asking import Ask, typed
from governance.console.registering.bodies import MEGABYTES
from governance.console.registering.files import FILE, PLACES, READ_AS, Seen, needed, seen_in, wants_a_look
from governance.console.registering.refusing import REFUSALS, Refusal, refusal_of
from governance.console.registering.showing import show_form
from governance.console.wording import short
from governance.lineage import services
from governance.lineage.admission import RecordReturns
from governance.lineage.looking import as_parquet
from governance.lineage.models import Checkpoint, Dataset, DatasetKind

TRAIL = (("Datasets", "lineage_dataset_changelist"),)
WITHOUT_ROWS = "The dataset is registered without rows. The file was refused, and the log says that it was tried."
NAME = Ask(
    name="name",
    label="What shall the dataset be called?",
    required=True,
    longest=120,
    help="Everybody with a role reads it: no name of a person.",
)
CAP = Ask(
    name="rows_per_subject",
    label="How many rows may one person have at most?",
    shape="number",
    required=True,
    default="1",
    help="Public, and fixed for good: what a person costs counts all of their rows. A file in which somebody has more "
    "is refused. Choose it by what the data are for, not by counting in them.",
)
WIDTH = Ask(
    name="feature_width",
    label="How many numbers does a row have?",
    shape="number",
    required=True,
    help="Its features, without the label. The same for every row and version.",
)
EXTRACTOR = Ask(
    name="extractor",
    label="Which model of this house made the numbers?",
    shape="choice",
    more=True,
    help="Where the features come out of a model, erasure has to reach that model too. Leave it empty where none did.",
)
PUBLIC = Ask(
    name="public_extractor",
    label="Or a public model, by the digest of its file",
    longest=71,
    more=True,
    help="sha256: and 64 hexadecimal digits; of a model that was trained on nobody here.",
)


def kind_of(request: HttpRequest) -> str:
    given = request.POST.get("kind") or request.GET.get("kind") or DatasetKind.FEATURES
    return given if given in DatasetKind.values else DatasetKind.FEATURES.value


def asks(kind: str) -> list[Ask]:
    if kind == DatasetKind.TEXTS:
        return [NAME, CAP, FILE]
    rows = Checkpoint.objects.exclude(status="destroyed").select_related("model").order_by("model__name", "-id")
    made = [(row.ref, f"{row.model.name}, {short(row.ref)}, {row.get_status_display()}") for row in rows]
    return [NAME, WIDTH, CAP, FILE, *([EXTRACTOR.offering(made)] if made else []), PUBLIC]


def page(request: HttpRequest) -> HttpResponse:
    """The questions; on a POST a look at the file, or the dataset; on a refusal the questions again."""
    actor = acting(user_of(request), "register_dataset")
    if request.method != "POST":
        return form(request)
    try:
        if wants_a_look(request):
            return form(request, seen=looked_at(request, actor))
        dataset = register(request, actor)
    except REFUSALS as error:
        return form(request, refusal_of(error, PLACES))
    return HttpResponseRedirect(page_of(dataset))


def given_in(request: HttpRequest) -> tuple[dict[str, Any], bytes]:
    """What the API's own reader makes of the answers, and the file as Parquet, which may be empty."""
    kind = kind_of(request)
    told = typed(request, asks(kind))
    sent = told.pop("file", None)
    reader = NewDataset(data={"kind": kind, **told})
    reader.is_valid(raise_exception=True)
    given = dict(reader.validated_data)
    if given["extractor"]:
        given["extractor"] = one(Checkpoint.objects.all(), ref=given["extractor"])
    return given, as_parquet(kind, needed(sent.read())) if sent else b""


def looked_at(request: HttpRequest, actor: Actor) -> Seen:
    """All that registering would check, of which nothing stays."""
    given, rows = given_in(request)
    with transaction.atomic():
        services.register_dataset(actor=actor, **given)
        transaction.set_rollback(True)
    return seen_in(given, rows)


def register(request: HttpRequest, actor: Actor) -> Dataset:
    """The dataset with its first version, or neither.

    But for one refusal: a file that would bring back who was erased leaves an empty dataset, because the trail must
    say of which dataset it was tried.
    """
    given, rows = given_in(request)
    with transaction.atomic():
        dataset = services.register_dataset(actor=actor, **given)
        try:
            snapshot = services.take_snapshot(dataset=dataset, parquet=rows, actor=actor) if rows else None
        except RecordReturns as refusal:
            messages.error(request, f"{WITHOUT_ROWS} {refusal.detail} {refusal.remedy}")
            return dataset
    rows_in = f", and its first version holds {snapshot.rows} rows" if snapshot else ""
    messages.success(request, f"Done: the dataset {dataset.name} is registered{rows_in}.")
    return dataset


def form(request: HttpRequest, refusal: Refusal | None = None, seen: Seen | None = None) -> TemplateResponse:
    kind = kind_of(request)
    return show_form(
        request,
        "dataset.html",
        title="Register a dataset",
        trail=TRAIL,
        asks=asks(kind),
        refusal=refusal,
        kind=kind,
        kinds=DatasetKind.choices,
        read_as=READ_AS[kind],
        seen=seen,
        most_bytes=FILE_BYTES,
        megabytes=MEGABYTES,
    )
