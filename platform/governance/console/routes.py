"""The console's own pages beside the lists: address, view, name."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse

from governance.console import jumping, live
from governance.console.access import require_reader, user_of
from governance.console.doing import perform
from governance.console.lists import lineage, qualifications, record, requests, work
from governance.console.pages import (
    base,
    dataset,
    desk,
    job,
    model,
    plan,
    qualification,
    qualify,
    release,
    request,
    sentinels,
    verification,
)
from governance.console.registering import bases, datasets, models, trainings, versions
from governance.console.registering.bodies import takes_a_file, takes_rows

__all__ = ["PAGES", "lineage", "qualifications", "record", "requests", "work"]  # importing the lists registers them
View = Callable[..., HttpResponse]


def read_by(page: str, view: View) -> View:
    """The view, for those the table lets read this kind of page."""

    def opened(http: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        require_reader(user_of(http), page)
        return view(http, *args, **kwargs)

    return opened


PAGES: list[tuple[str, View, str]] = [
    ("", read_by("desk", desk.page), "index"),
    ("requests/<str:ref>/", read_by("requests", request.page), "request"),
    ("requests/<str:ref>/progress.json", read_by("requests", live.request_progress), "request_progress"),
    ("requests/<str:ref>/reveal/", read_by("requests", request.reveal), "reveal"),
    ("plans/<str:ref>/", read_by("plans", plan.page), "plan"),
    ("plans/<str:ref>/progress.json", read_by("plans", live.plan_progress), "plan_progress"),
    ("plans/<str:ref>/verification/", read_by("plans", verification.page), "verification"),
    ("plans/<str:ref>/reading-room/", read_by("reading_room", verification.room), "reading_room"),
    ("plans/<str:ref>/reading-room/look/", read_by("reading_room", verification.look), "reading_room_look"),
    ("releases/<str:ref>/", read_by("releases", release.page), "release"),
    ("jobs/<str:ref>/", read_by("jobs", job.page), "job"),
    ("jobs/<str:ref>/progress.json", read_by("jobs", live.job_progress), "job_progress"),
    ("models/new/", read_by("register_model", models.page), "register_model"),
    ("models/<str:ref>/train/", read_by("start_training", trainings.page), "start_training"),
    ("models/<str:ref>/", read_by("models", model.page), "model"),
    (
        "bases/new/",
        takes_a_file("register_base", read_by("register_base", bases.page), bases.too_large),
        "register_base",
    ),
    ("bases/<str:ref>/", read_by("bases", base.page), "base"),
    (
        "datasets/new/",
        takes_rows("register_dataset", read_by("register_dataset", datasets.page)),
        "register_dataset",
    ),
    ("datasets/<str:ref>/", read_by("datasets", dataset.page), "dataset"),
    (
        "datasets/<str:ref>/version/",
        takes_rows("take_snapshot", read_by("take_snapshot", versions.page)),
        "take_snapshot",
    ),
    ("sentinels/<str:ref>/", read_by("sentinels", sentinels.page), "sentinel_set"),
    ("sentinels/<str:ref>/errand/", read_by("sentinels", sentinels.errand), "sentinel_errand"),
    ("qualifications/new/", read_by("qualify", qualify.page), "qualify"),
    ("qualifications/<str:ref>/", read_by("qualifications", qualification.page), "qualification"),
    (
        "qualifications/<str:ref>/progress.json",
        read_by("qualifications", live.qualification_progress),
        "qualification_progress",
    ),
    ("search/", jumping.search, "search"),
    ("do/<str:name>/<str:ref>/", perform, "do"),
]
