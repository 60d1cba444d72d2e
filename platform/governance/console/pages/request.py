"""One erasure request: where it stands, until when, why it waits and on whom, and what was done."""

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse

from governance.console.access import acting, may, user_of
from governance.console.deeds import open_to
from governance.console.doing import kindly
from governance.console.due import due_of
from governance.console.live import job_facts, jobs_of_request
from governance.console.pages import privacy
from governance.console.pages.found import by_ref
from governance.console.pages.touched import Touched, touched_by
from governance.console.reveal import may_be_revealed, reading_thread, reveal_identifier
from governance.console.shell import show
from governance.console.timeline import timeline
from governance.console.waiting import blocker
from governance.console.wording import regime_words
from governance.errors import ObelusError
from governance.intake.grounds import GROUNDS
from governance.intake.models import ErasureRequest

Status = ErasureRequest.Status
TRAIL = (("Requests", "intake_erasurerequest_changelist"),)
WAY = (
    (Status.RECEIVED, "Received"),
    (Status.IDENTIFIED, "Identity proved"),
    (Status.SCOPED, "Scope confirmed"),
    (Status.IN_PROGRESS, "In progress"),
    (Status.FULFILLED, "Fulfilled"),
)
PLAIN = {
    Status.RECEIVED: "Received. Nobody has been told yet whether this person is in any data.",
    Status.IDENTIFIED: "The person is who they say they are. Next: what the request covers.",
    Status.SCOPED: "It is clear what is covered. The models wait for a plan.",
    Status.IN_PROGRESS: "The models that learned from this person are being made to forget.",
    Status.FULFILLED: "Done: every model that learned from this person was replaced, and the old weights destroyed.",
    Status.REFUSED: "Refused. The person was told why and where to complain.",
    Status.WITHDRAWN: "Withdrawn by the person. Nothing was changed.",
}


def page(request: HttpRequest, ref: str) -> TemplateResponse:
    return render(request, by_ref(ErasureRequest.objects.select_related("pack", "subject"), ref))


def render(
    http: HttpRequest, row: ErasureRequest, *, identifier: str = "", refused: str = "", status: int = 200
) -> TemplateResponse:
    user = user_of(http)
    touched = touched_by(row)
    jobs = [job_facts(job) for job in jobs_of_request(row)]
    response = show(
        http,
        "request.html",
        title="Erasure request",
        trail=TRAIL,
        row=row,
        due=due_of(row),
        regime=regime_words(row.pack.law, row.pack.version),
        any_live=any(job["live"] for job in jobs),
        plain=PLAIN[Status(row.status)],
        way=steps_of(row),
        waiting=blocker(row),
        touched=touched,
        privacy=privacy.of_request(row),
        jobs=jobs,
        releases=[item.release for item in touched if item.release],
        moments=timeline(threads_of(row)),
        ground=GROUNDS.get(row.refusal_ground, row.refusal_ground),
        deeds=[offer for offer in open_to(user, "request", row.status) if fits(offer[0].name, touched)],
        can_reveal=may(user, "reveal") and may_be_revealed(row),
        identifier=identifier,
        refused=refused,
    )
    response.status_code = status
    return response


def reveal(request: HttpRequest, ref: str) -> HttpResponse:
    """Show the identifier once, in the answer to this POST, and nowhere else."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    actor = acting(user_of(request), "reveal")
    row = by_ref(ErasureRequest.objects.select_related("pack", "subject"), ref)
    try:
        identifier = reveal_identifier(request=row, actor=actor)
    except ObelusError as refusal:
        return render(request, row, refused=kindly(refusal), status=refusal.status)
    return render(request, row, identifier=identifier)


def fits(name: str, touched: list[Touched]) -> bool:
    """Records alone can be removed only where no model learned from them."""
    return not (touched and name == "remove_records")


def threads_of(row: ErasureRequest) -> list[str]:
    plans = row.dispositions.exclude(plan=None).values_list("plan__ref", flat=True).distinct()
    return [row.ref, reading_thread(row), *plans]


def steps_of(row: ErasureRequest) -> list[tuple[str, str]]:
    """The way of a request as (words, 'done' | 'now' | 'ahead'); an early end replaces what was ahead."""
    order = [status for status, _ in WAY]
    if row.status not in order:
        return [("Received", "done"), (row.get_status_display(), "now")]
    here = order.index(Status(row.status))
    ended = row.status == Status.FULFILLED
    return [
        (words, "done" if place < here or ended else "now" if place == here else "ahead")
        for place, (_, words) in enumerate(WAY)
    ]
