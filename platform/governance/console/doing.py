"""The one door for every button: POST, CSRF, role, service, and a kind word about how it went."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect

from governance.console.access import acting, user_of
from governance.console.addresses import page_of
from governance.console.deeds import BY_NAME, KINDS, Deed
from governance.errors import FourEyes, ObelusError


def perform(request: HttpRequest, name: str, ref: str) -> HttpResponse:
    """Do one deed on one thing. A refusal by the service is shown on the thing's own page."""
    deed = BY_NAME.get(name)
    if deed is None:
        raise Http404
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    actor = acting(user_of(request), name)
    row = found(deed, ref)
    try:
        outcome = deed.act(row, actor, request.POST.dict())
    except ObelusError as refusal:
        messages.error(request, kindly(refusal))
        return HttpResponseRedirect(page_of(row))
    messages.success(request, f"Done: {deed.said}.")
    follow = outcome if deed.name in ("propose_plan", "propose_release") else row
    return HttpResponseRedirect(page_of(follow))


def found(deed: Deed, ref: str) -> Any:
    row = KINDS[deed.kind].objects.filter(ref=ref).first()
    if row is None:
        raise Http404
    return row


def kindly(refusal: ObelusError) -> str:
    """What went wrong and what to do, in the error's own words."""
    lead = "Nothing was changed, and rightly so. " if isinstance(refusal, FourEyes) else "Nothing was changed. "
    return f"{lead}{refusal.detail} {refusal.remedy}".strip()
