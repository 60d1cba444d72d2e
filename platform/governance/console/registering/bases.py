"""Registering a base: whose model it is, in words, and its packed file. Above the limit, the command that does it."""

import shlex

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from governance.actors import Actor
from governance.api.answers import one
from governance.api.base import FILE_BYTES
from governance.api.lineage_inputs import NewBase
from governance.api.views.bases import on_disk
from governance.console.access import acting, user_of
from governance.console.addresses import page_of
from governance.console.registering.asking import Ask, typed
from governance.console.registering.bodies import MEGABYTES
from governance.console.registering.refusing import REFUSALS, Refusal, refusal_of
from governance.console.registering.showing import show_form
from governance.lineage import services
from governance.lineage.models import Base, Dataset

TRAIL = (("Bases", "lineage_base_changelist"),)
# What a refusal of the service is about.
PLACES = {
    "bad_base": "file",
    "base_known": "file",
    "destroyed": "file",
    "storage_full": "file",
    "storage_unwritable": "file",
    "bad_name": "name",
    "source_missing": "source",
    "name_taken": "name",
    "base_taught_here": "learned_from",
}
NAME = Ask(name="name", label="What shall it be called here?", required=True, longest=120, help="No name of a person.")
SOURCE = Ask(
    name="source",
    label="Whose model is it, and which version?",
    shape="long",
    required=True,
    longest=500,
    help="As it stands where you took it from: who made it, its name and version. Certificates repeat these words.",
)
LEARNED = Ask(
    name="learned_from",
    label="Did it learn from data of this house?",
    shape="several",
    help="Tick every dataset it is known to have learned from. A base that knows people of this house is refused: "
    "they could ask to leave, and what is trained on top would keep them.",
)
FILE = Ask(
    name="file",
    label="Its packed file",
    shape="file",
    required=True,
    accept=".safetensors",
    help=f"One safetensors file of at most {MEGABYTES} MB, made of a Hugging Face folder by the first command below.",
)


def asks() -> list[Ask]:
    houses = [(row.ref, row.name) for row in Dataset.objects.order_by("name")]
    learned = [LEARNED.offering(houses)] if houses else []
    return [NAME, SOURCE, FILE, *learned]


def page(request: HttpRequest) -> HttpResponse:
    """The questions; on a POST the base, and on a refusal the questions again with what was typed."""
    actor = acting(user_of(request), "register_base")
    if request.method != "POST":
        return form(request)
    try:
        base = register(request, actor)
    except REFUSALS as error:
        return form(request, refusal_of(error, PLACES))
    messages.success(request, f"Done: the base {base.name} is registered.")
    return HttpResponseRedirect(page_of(base))


def register(request: HttpRequest, actor: Actor) -> Base:
    """As a POST to /api/v1/bases does it."""
    reader = NewBase(data=typed(request, asks()))
    reader.is_valid(raise_exception=True)
    given = dict(reader.validated_data)
    sent = given.pop("file")
    learned_from = [one(Dataset.objects.all(), ref=ref) for ref in given.pop("learned_from")]
    with on_disk(sent) as file:
        return services.register_base(file=file, learned_from=learned_from, actor=actor, **given)


def form(request: HttpRequest, refusal: Refusal | None = None) -> TemplateResponse:
    return show_form(
        request,
        "base.html",
        title="Register a base",
        trail=TRAIL,
        asks=asks(),
        refusal=refusal,
        command=command(request),
        most_bytes=FILE_BYTES,
        megabytes=MEGABYTES,
    )


def command(request: HttpRequest) -> str:
    """What registers a file of any size, on the server; with the words that were typed, as far as there are any."""
    told = request.POST if len(request.POST) else request.GET
    name, source = (
        shlex.quote(told.get(ask, "").strip() or word) for ask, word in (("name", "NAME"), ("source", "WORDS"))
    )
    who = shlex.quote(user_of(request).get_username())
    return f"python manage.py register_base {name} FILE.safetensors --source {source} --as {who}"


def too_large(request: HttpRequest) -> str:
    """Its form was not read, so no word of it can be repeated."""
    who = shlex.quote(user_of(request).get_username())
    return (
        "Nothing was read or kept. Register a larger file on the server: "
        f"python manage.py register_base NAME FILE.safetensors --source WORDS --as {who}"
    )
