"""Registering a model: of which kind, on which data, and every constant, before any of the data is read."""

import json
import re
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from governance.actors import Actor
from governance.api.lineage_inputs import NewModel
from governance.api.views.models import registered
from governance.console.access import acting, user_of
from governance.console.addresses import page_of
from governance.console.registering import model_asks as asking
from governance.console.registering.asking import Ask, typed
from governance.console.registering.constants import problem_of
from governance.console.registering.refusing import REFUSALS, Refusal, refusal_of
from governance.console.registering.showing import show_form
from governance.console.registering.suggesting import CERTIFIED, mu_of, worked_out
from governance.console.shell import show
from governance.errors import Invalid
from governance.lineage.models import Dataset, TrainedModel

TRAIL = (("Models", "lineage_trainedmodel_changelist"),)
PLACES = {
    "name_taken": "name",
    "wrong_kind": "dataset",
    "cap_below_dataset": "contribution_cap",
    "bad_cap": "cap_epsilon",
    "bad_holdout": "holdout",
    "bad_base": "base",
    "base_missing": "base",
    "base_retracted": "base",
    "bad_tokenizer": "tokenizer",
    "not_worked_out": "epsilon",
}
NEEDED = re.compile(r"'([a-z_0-9]+)' is a required property")


def page(request: HttpRequest) -> HttpResponse:
    """First of which kind; then the questions; on a POST constants worked out, or the model."""
    actor = acting(user_of(request), "register_model")
    engine = request.POST.get("engine") or request.GET.get("engine") or ""
    if engine not in asking.KINDS:
        return kinds(request)
    if request.method != "POST":
        return form(request, engine)
    asks = asking.asks(engine)
    try:
        if request.POST.get("do") == "work_out" and engine == CERTIFIED:
            return form(request, engine, filled=suggested(request, asks))
        model = register(request, engine, asks, actor)
    except REFUSALS as error:
        return form(request, engine, told(error, asks))
    messages.success(request, f"Done: the model {model.name} is registered. Its constants are fixed for good.")
    return HttpResponseRedirect(page_of(model))


def kinds(request: HttpRequest) -> TemplateResponse:
    """Only those that fit, where a dataset is named in the address."""
    home = Dataset.objects.filter(ref=request.GET.get("dataset", "")).first()
    found = asking.kinds(home.kind if home else "")
    return show(request, "registering/model_kinds.html", title="Register a model", trail=TRAIL, kinds=found, home=home)


def suggested(request: HttpRequest, asks: list[Ask]) -> dict[str, str]:
    answers = typed(request, asks)
    home = Dataset.objects.filter(ref=answers.get("dataset", "")).first()
    if home is None:
        raise Invalid("No dataset is chosen yet.", code="wrong_kind", remedy="Choose one; its width is needed.")
    return worked_out(problem_of(CERTIFIED, answers), answers, home)


def register(request: HttpRequest, engine: str, asks: list[Ask], actor: Actor) -> TrainedModel:
    """As a POST to /api/v1/models does it."""
    reader = NewModel(data=body_of(engine, typed(request, asks)))
    reader.is_valid(raise_exception=True)
    return registered(dict(reader.validated_data), actor)


def body_of(engine: str, answers: dict[str, Any]) -> dict[str, Any]:
    """What was typed as the API is sent it."""
    home = Dataset.objects.filter(ref=answers.get("dataset", "")).first()
    body = {name: answers[name] for name in asking.PLAIN if name in answers}
    body |= {"engine": engine, "problem": completed(problem_of(engine, answers), engine, home)}
    if "tokenizer" in answers:
        body["tokenizer"] = document_in(answers["tokenizer"].read())
    if "cap_epsilon" in answers or "cap_delta" in answers:
        delta = answers.get("cap_delta", "")
        body |= {"cap_mu": mu_of(answers.get("cap_epsilon", ""), delta), "cap_delta": delta}
    return body


def completed(problem: dict[str, Any], engine: str, home: Dataset | None) -> dict[str, Any]:
    """One number that stands for every feature is written out; a person's most rows are the dataset's."""
    if home is None or engine not in (CERTIFIED, "train.plain"):
        return problem
    for name in ("centres", "scales"):
        if len(given := problem.get(name, [])) == 1:
            problem[name] = given * home.feature_width
    return problem if engine != CERTIFIED else {"contribution_cap": home.rows_per_subject, **problem}


def document_in(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise Invalid("The file is no JSON.", code="bad_tokenizer", remedy="Send a tokenizer's document.") from None


def told(error: Exception, asks: list[Ask]) -> Refusal:
    """The refusal by question; the catalog names each wrong constant by its path."""
    refusal = refusal_of(error, {**PLACES, "wrong_width": of_width(str(error))})
    problems: list[str] = getattr(error.__cause__, "problems", [])
    if not problems:
        return refusal
    names = {ask.name for ask in asks}
    fields: dict[str, str] = {}
    rest: list[str] = []
    for problem in problems:
        path, _, words = problem.partition(": ")
        needed = NEEDED.match(words)
        name = question_of(path, needed.group(1) if needed else "")
        if name in names:
            fields.setdefault(name, "Fill this in." if needed else f"This does not fit: {words}.")
        else:
            rest.append(problem)
    return Refusal(fields, whole=" ".join(rest), status=refusal.status)


def question_of(path: str, missing: str) -> str:
    """`params` and 'eta' -> eta; `centres.3` -> centres; `adapter` and 'name' -> adapter.name."""
    parts = [part for part in path.split(".") if not part.isdigit() and part != "params"]
    return ".".join([*parts, missing] if missing else parts)


def of_width(detail: str) -> str:
    return next((name for name in ("centres", "scales") if detail.startswith(name)), "shape")


def form(
    request: HttpRequest, engine: str, refusal: Refusal | None = None, filled: dict[str, str] | None = None
) -> TemplateResponse:
    return show_form(
        request,
        "model.html",
        title="Register a model",
        trail=TRAIL,
        asks=asking.asks(engine),
        refusal=refusal,
        filled=filled,
        engine=engine,
        kind=asking.KINDS[engine],
        works_out=engine == CERTIFIED,
        no_home=not Dataset.objects.filter(kind=asking.kind_of(engine)).exists(),
        home_kind=asking.kind_of(engine),
    )
