"""Beginning a trial of a recipe: which model's problem, which policy's method, which public rows. Then a POST."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from governance.actors import Actor
from governance.console.access import acting, user_of
from governance.console.acts import Form, answer
from governance.console.addresses import page_of
from governance.console.choices import Options, recipe_policies, snapshots_untrained, snapshots_with_planted, trainable
from governance.console.doing import kindly
from governance.console.pages.qualification import TRAIL
from governance.console.shell import show
from governance.errors import Invalid, ObelusError
from governance.lineage.models import Snapshot, TrainedModel
from governance.verification.models import Policy, QualificationRun
from governance.verification.qualifying import qualify


def page(request: HttpRequest) -> HttpResponse:
    """The questions; on a POST the deed, and on a refusal the questions again with the answers that were given."""
    actor = acting(user_of(request), "qualify")
    if request.method != "POST":
        return asked(request, request.GET.dict())
    form = request.POST.dict()
    try:
        run = begin(form, actor)
    except ObelusError as refusal:
        answered = asked(request, form, refused=kindly(refusal))
        answered.status_code = refusal.status
        return answered
    messages.success(request, "Done: the trial is fixed and begun.")
    return HttpResponseRedirect(page_of(run))


def begin(form: Form, actor: Actor) -> QualificationRun:
    model = TrainedModel.objects.filter(ref=answer(form, "model")).first()
    policy = Policy.objects.filter(ref=answer(form, "policy")).first()
    snapshot = Snapshot.objects.filter(ref=answer(form, "snapshot")).first()
    holdout = Snapshot.objects.filter(ref=answer(form, "holdout")).first()
    if model is None or policy is None or snapshot is None or holdout is None:
        raise Invalid("One of them is not there.", code="unknown_choice", remedy="Choose from the lists.")
    if form.get("public") != "yes":
        raise Invalid(
            "Nobody answers for these rows yet.", code="not_public", remedy="Say that they are public or consented to."
        )
    return qualify(
        problem=model.problem,
        public_inputs=model.public_inputs,
        policy=policy,
        snapshot=snapshot,
        holdout=holdout,
        actor=actor,
        control=form.get("control") or None,
    )


def asked(request: HttpRequest, form: Form, *, refused: str = "") -> TemplateResponse:
    return show(
        request,
        "qualify.html",
        title="Qualify a recipe",
        trail=TRAIL,
        questions=[(name, label, options, form.get(name, "")) for name, label, options in questions()],
        control=form.get("control"),
        refused=refused,
    )


def questions() -> list[tuple[str, str, Options]]:
    return [
        ("model", "A model of which kind? Its family and training are taken over, no row of it", trainable()),
        ("policy", "Which policy? It names the method and the rules", recipe_policies()),
        ("snapshot", "Which public rows, some of them planted?", snapshots_with_planted()),
        ("holdout", "Which public rows that nothing is trained on?", snapshots_untrained()),
    ]
