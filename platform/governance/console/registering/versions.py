"""Adding a version to a dataset: a file of all rows as they are now, looked at first and then taken in."""

from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from governance.actors import Actor
from governance.api.base import FILE_BYTES
from governance.console.access import acting, user_of
from governance.console.addresses import page_of
from governance.console.pages.found import by_ref
from governance.console.registering.asking import typed
from governance.console.registering.bodies import MEGABYTES
from governance.console.registering.datasets import TRAIL
from governance.console.registering.files import FILE, PLACES, READ_AS, Seen, needed, seen_in, wants_a_look
from governance.console.registering.refusing import REFUSALS, Refusal, refusal_of
from governance.console.registering.repeats import refuse_repeat
from governance.console.registering.showing import show_form
from governance.lineage import services
from governance.lineage.looking import as_parquet
from governance.lineage.models import Dataset, Snapshot

ROWS = replace(FILE, required=True, help=f"All rows as they are now, not only new ones. At most {MEGABYTES} MB.")


def page(request: HttpRequest, ref: str) -> HttpResponse:
    actor = acting(user_of(request), "take_snapshot")
    row = by_ref(Dataset.objects.all(), ref)
    if request.method != "POST":
        return form(request, row)
    try:
        rows = rows_in(request, row)
        if wants_a_look(request):
            return form(request, row, seen=seen_in(vars(row), rows))
        refuse_repeat(request, there=row.snapshots.count(), one_more="a version")
        snapshot = take(row, rows, actor)
    except REFUSALS as error:
        return form(request, row, refusal_of(error, PLACES))
    messages.success(request, f"Done: a version of {snapshot.rows} rows is taken in.")
    return HttpResponseRedirect(page_of(row))


def rows_in(request: HttpRequest, row: Dataset) -> bytes:
    sent = typed(request, [ROWS]).get("file")
    return as_parquet(row.kind, needed(sent.read() if sent else b""))


def take(row: Dataset, rows: bytes, actor: Actor) -> Snapshot:
    """In no transaction of its own: what a refusal writes into the trail must stay."""
    return services.take_snapshot(dataset=row, parquet=rows, actor=actor)


def form(
    request: HttpRequest, row: Dataset, refusal: Refusal | None = None, seen: Seen | None = None
) -> TemplateResponse:
    return show_form(
        request,
        "version.html",
        title=f"Add a version of {row.name}",
        trail=TRAIL,
        asks=[ROWS],
        refusal=refusal,
        row=row,
        read_as=READ_AS[row.kind],
        seen=seen,
        there=row.snapshots.count(),
        most_bytes=FILE_BYTES,
        megabytes=MEGABYTES,
    )
