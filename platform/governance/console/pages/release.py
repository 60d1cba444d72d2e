"""One release: what exactly is approved, by whom, and what has become of it."""

from django.http import HttpRequest
from django.template.response import TemplateResponse

from governance.console.access import user_of
from governance.console.deeds import open_to
from governance.console.pages.cost import cost_words
from governance.console.pages.found import by_ref
from governance.console.pages.numbers import certificate_words
from governance.console.pages.sentinels import alarms_on
from governance.console.pages.verdicts import said
from governance.console.shell import show
from governance.console.tones import tone_of
from governance.console.waiting import APPROVALS, blocker
from governance.jobs.models import Certificate
from governance.lineage.models import Deployment
from governance.people.models import User
from governance.releases.models import Release

TRAIL = (("Releases", "releases_release_changelist"),)


def page(request: HttpRequest, ref: str) -> TemplateResponse:
    user = user_of(request)
    row = by_ref(Release.objects.select_related("checkpoint__model", "plan", "policy", "proposer"), ref)
    certificate = Certificate.objects.filter(checkpoint=row.checkpoint).first()
    verdict = row.checkpoint.verdicts.select_related("plan", "checkpoint").order_by("-id").first()
    return show(
        request,
        "release.html",
        title=f"Release of {row.checkpoint.model.name}",
        trail=TRAIL,
        row=row,
        tone=tone_of(row.status),
        waiting=blocker(row),
        alarms=alarms_on(row.checkpoint),
        cost=cost_words(row),
        approvals=row.approvals.select_related("user").order_by("id"),
        needed=APPROVALS,
        certificate=certificate_words(certificate) if certificate else None,
        verdict=verdict,
        said=said(verdict) if verdict else None,
        deployments=Deployment.objects.filter(model=row.checkpoint.model).order_by("name"),
        deeds=[offer for offer in open_to(user, "release", row.status) if fits(offer[0].name, row, user)],
    )


def fits(name: str, row: Release, user: User) -> bool:
    """No button for an approval that four eyes would refuse; the service refuses it all the same."""
    return name != "approve_release" or not (row.proposer == user or row.approvals.filter(user=user).exists())
