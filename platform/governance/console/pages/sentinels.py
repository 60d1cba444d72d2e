"""Sentinels over the releases of a model, and one set's own page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse

from governance.console.access import acting, may, user_of
from governance.console.deeds import BY_NAME, questions
from governance.console.doing import kindly
from governance.console.pages.found import by_ref
from governance.console.pages.rate_chart import Point, RateChart, Series, rate_chart
from governance.console.shell import show
from governance.console.timeline import timeline
from governance.errors import ObelusError
from governance.lineage.models import Checkpoint, TrainedModel
from governance.verification import sentinels as services
from governance.verification.models import SentinelRetest, SentinelSet

TONES = {"clean": "done", "baseline": "wait", "blind": "soon", "untested": "ended", "": "work"}
REVEAL = BY_NAME["reveal_sentinels"]
SETS = SentinelSet.objects.select_related("dataset", "planter")


@dataclass(frozen=True)
class Tested:
    retest: SentinelRetest
    tone: str
    words: str
    erased: str
    kept: str
    never_planted: str
    is_alarm: bool


@dataclass(frozen=True)
class OverReleases:
    """One set over the releases that were asked about it."""

    sentinels: SentinelSet
    chart: RateChart | None
    tests: list[Tested]

    @property
    def what(self) -> str:
        """What the chart counts: the first question of a test."""
        asked = "taken for members by their loss" if "battery" in self.sentinels.body else "whose label was given"
        return f"Sentinels {asked} without any change, over the releases"


def over_releases(model: TrainedModel) -> list[OverReleases]:
    """Every set in this model's data; a set without a test has nothing to draw yet."""
    sets = SentinelSet.objects.filter(dataset=model.dataset).order_by("id") if model.dataset else []
    return [of_set(row, SentinelRetest.objects.filter(sentinels=row, checkpoint__model=model)) for row in sets]


def of_set(row: SentinelSet, found: Any) -> OverReleases:
    retests = list(found.select_related("checkpoint__model", "sentinels").order_by("id"))
    return OverReleases(row, chart([each for each in retests if rung_of(each)]), [tested(each) for each in retests])


def tested(retest: SentinelRetest) -> Tested:
    rung, body = rung_of(retest), retest.body or {}
    tone = "late" if retest.outcome in SentinelRetest.ALARMS else TONES.get(retest.outcome, "ended")
    said = {name: counted(rung[name]) if rung else "" for name in ("erased", "kept", "never_planted")}
    return Tested(retest, tone, body.get("words", ""), is_alarm=retest.outcome in SentinelRetest.ALARMS, **said)


def rung_of(retest: SentinelRetest) -> dict[str, Any] | None:
    """What the first question found: a label without any change, or a loss like a member's."""
    rungs = (retest.body or {}).get("rungs") or []
    return rungs[0] if rungs else None


def counted(group: dict[str, Any]) -> str:
    if not group["trials"]:
        return "none"
    return f"{group['successes']} of {group['trials']} ({group['low']:.0%} to {group['high']:.0%})"


def chart(retests: Sequence[SentinelRetest]) -> RateChart | None:
    rungs = [rung_of(each) or {} for each in retests]
    return rate_chart(
        [f"{each.checkpoint.created_at:%-d %b}" for each in retests],
        [
            Series("Erased", "candidate", "circle", [point(rung["erased"]) for rung in rungs]),
            Series("Still held", "original", "diamond", [point(rung["kept"]) for rung in rungs]),
            Series("Never planted", "never", "square", [point(rung["never_planted"]) for rung in rungs]),
        ],
        across="Releases, by the day they were made",
    )


def point(group: dict[str, Any]) -> Point | None:
    return (group["successes"] / group["trials"], group["low"], group["high"]) if group["trials"] else None


def alarms_on(checkpoint: Checkpoint | None) -> list[SentinelRetest]:
    """Sentinels' alarms about these weights: for the pages of the release and of its plan."""
    if checkpoint is None:
        return []
    found = SentinelRetest.objects.filter(checkpoint=checkpoint, outcome__in=SentinelRetest.ALARMS)
    return list(found.select_related("sentinels", "checkpoint__model").order_by("id"))


def page(request: HttpRequest, ref: str) -> TemplateResponse:
    return render(request, by_ref(SETS, ref))


def render(
    http: HttpRequest, row: SentinelSet, *, names: Sequence[str] = (), refused: str = "", status: int = 200
) -> TemplateResponse:
    user = user_of(http)
    models = TrainedModel.objects.filter(checkpoints__sentinel_retests__sentinels=row).distinct().order_by("name")
    response = show(
        http,
        "sentinel_set.html",
        title=f"Sentinels in {row.dataset.name}",
        row=row,
        over=[(model, of_set(row, row.retests.filter(checkpoint__model=model))) for model in models],
        may_know=may(user, "name_sentinels") and row.revealed_at is None,
        deeds=[(deed, questions(deed)) for deed in (REVEAL,) if row.revealed_at is None and may(user, deed.name)],
        opened=(row.opened or {}).get("sentinels", []),
        names=names,
        refused=refused,
        moments=timeline([row.ref]),
    )
    response.status_code = status
    return response


def errand(request: HttpRequest, ref: str) -> HttpResponse:
    """Name those who shall ask, in the answer to this POST and nowhere else; the look is in the log."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    actor = acting(user_of(request), "name_sentinels")
    row = by_ref(SETS, ref)
    try:
        names = services.errand(sentinels=row, actor=actor)
    except ObelusError as refusal:
        return render(request, row, refused=kindly(refusal), status=refusal.status)
    response = render(request, row, names=names)
    response["Cache-Control"] = "no-store"
    return response
