"""Every page of the console by name, with the roles that may open it, written down by hand."""

from tests.console.world import World

ALL = {"officer", "operator", "ann", "ben", "auditor"}
# Requests are personal data: whoever neither handles nor audits them does not see them.
HANDLE = {"officer", "auditor"}
WHO: dict[str, set[str]] = {
    "index": ALL,
    "intake_erasurerequest_changelist": HANDLE,
    "jobs_plan_changelist": ALL,
    "releases_release_changelist": ALL,
    "jobs_job_changelist": ALL,
    "lineage_trainedmodel_changelist": ALL,
    "audit_entry_changelist": ALL,
    "people_user_changelist": ALL,
    "request": HANDLE,
    "request_progress": HANDLE,
    "plan": ALL,
    "plan_progress": ALL,
    "verification": ALL,
    "reading_room": {"auditor"},
    "sentinel_set": ALL,
    "verification_qualificationrun_changelist": ALL,
    "qualification": ALL,
    "qualification_progress": ALL,
    "qualify": {"officer", "operator"},
    "lineage_dataset_changelist": ALL,
    "dataset": ALL,
    "register_dataset": {"operator"},
    "take_snapshot": {"operator"},
    "register_model": {"operator"},
    "start_training": {"operator"},
    "lineage_base_changelist": ALL,
    "base": ALL,
    "register_base": {"operator"},
    "release": ALL,
    "job": ALL,
    "job_progress": ALL,
    "model": ALL,
    "search": ALL,
    "password_change": ALL,
    "password_change_done": ALL,
    "jsi18n": ALL,
}
# Opened with POST only, and tested deed by deed.
POSTED = {"do", "reveal", "reading_room_look", "sentinel_errand"}
OPEN_TO_ALL = {"login", "logout"}
DEEDS: dict[str, tuple[str, set[str]]] = {
    "prove_identity": ("request", {"officer"}),
    "confirm_scope": ("request", {"officer"}),
    "refuse": ("request", {"officer"}),
    "withdraw_request": ("request", {"officer"}),
    "remove_records": ("request", {"officer"}),
    "plant_sentinels": ("model", {"auditor"}),
    "reveal_sentinels": ("sentinel_set", {"auditor"}),
    "propose_plan": ("model", {"officer"}),
    "retract_base": ("base", {"officer", "ann", "ben"}),
    "withdraw_model": ("model", {"officer", "ann", "ben"}),
    "confirm_plan": ("plan", {"officer"}),
    "climb_ladder": ("plan", {"officer"}),
    "climb_plan": ("plan", {"officer"}),
    "clear_alarm": ("plan", {"officer"}),
    "discard_plan": ("plan", {"officer"}),
    "propose_release": ("plan", {"operator"}),
    "approve_release": ("release", {"ann", "ben"}),
    "withdraw_release": ("release", {"ann", "ben"}),
    "cancel_job": ("job", {"operator"}),
    "retry_job": ("job", {"operator"}),
}


def reference(house: World, kind: str) -> str:
    rows = {
        "request": house.requests["fulfilled"],
        "plan": house.gate_plan,
        "release": house.release,
        "job": house.running_job,
        "model": house.tumour,
        "verification": house.gate_plan,
        "reading_room": house.gate_plan,
        "sentinel_set": house.sentinels,
        "qualification": house.trying,
        "base": house.base,
        "start_training": house.tumour,
        "dataset": house.tumour.dataset,  # type: ignore[union-attr]
        "take_snapshot": house.tumour.dataset,  # type: ignore[union-attr]
    }
    return str(rows[kind].ref)  # type: ignore[union-attr]


def address(house: World, name: str) -> str:
    from django.urls import reverse

    kind = name.removesuffix("_progress")
    needs = kind in ("request", "plan", "release", "job", "model", "verification", "reading_room", "sentinel_set")
    needs = needs or kind in ("qualification", "base", "dataset", "take_snapshot", "start_training")
    return reverse(f"console:{name}", args=[reference(house, kind)] if needs else [])
