"""Who sees a page and who may do a deed: read from the API's own table, so that both doors have one lock.

`is_staff` gives nothing; roles do. The auditor stands in no writing line: an auditor reads.
"""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from governance.actors import Actor, person
from governance.api.access import AUDITOR, EVERYBODY, OFFICER, TABLE
from governance.people.models import Role, User

# Each deed of the console and the API route that does the same.
DEEDS: dict[str, str] = {
    "prove_identity": "request-identity",
    "confirm_scope": "request-scope",
    "refuse": "request-refusal",
    "withdraw_request": "request-withdrawal",
    "remove_records": "request-removal",
    "plant_sentinels": "sentinels",
    "reveal_sentinels": "sentinel-reveal",
    "qualify": "qualifications",
    "propose_plan": "plans",
    "withdraw_model": "model-withdraw",
    "confirm_plan": "plan-confirm",
    "climb_ladder": "plan-climb",
    "climb_plan": "plan-climb",
    "clear_alarm": "plan-clear-alarm",
    "discard_plan": "plan-discard",
    "propose_release": "releases",
    "approve_release": "release-approve",
    "withdraw_release": "release-withdraw",
    "cancel_job": "job-cancel",
    "retry_job": "job-retry",
    "register_base": "bases",
    "register_dataset": "datasets",
    "take_snapshot": "snapshots",
    "retract_base": "base-retract",
    "register_model": "models",
    "start_training": "training-runs",
}
# What the console does and no route of the API: looks at what is sealed, each with an entry in the log.
OWN: dict[str, tuple[Role, ...]] = {
    "reveal": (OFFICER,),
    "read_measurements": (AUDITOR,),
    "name_sentinels": TABLE["sentinel-errand"]["GET"].roles,
}
# Each kind of page and the API route that shows the same.
PAGES: dict[str, str] = {
    "requests": "erasure-request",
    "plans": "plan",
    "releases": "release",
    "jobs": "job",
    "models": "model",
    "log": "log-entry",
    "sentinels": "sentinel-set",
    "qualifications": "qualification",
    "bases": "base",
    "datasets": "datasets",
}
OWN_PAGES: dict[str, tuple[Role, ...]] = {
    "reading_room": (AUDITOR,),
    "qualify": TABLE["qualifications"]["POST"].roles,
    "register_base": TABLE["bases"]["POST"].roles,
    "register_dataset": TABLE["datasets"]["POST"].roles,
    "take_snapshot": TABLE["snapshots"]["POST"].roles,
    "register_model": TABLE["models"]["POST"].roles,
    "start_training": TABLE["training-runs"]["POST"].roles,
}


def roles_for(deed: str) -> tuple[Role, ...]:
    return OWN[deed] if deed in OWN else TABLE[DEEDS[deed]]["POST"].roles


def readers_of(page: str) -> tuple[Role, ...]:
    """Desk and people are open to everybody with a role; requests are personal data and are not."""
    if page in OWN_PAGES:
        return OWN_PAGES[page]
    return TABLE[PAGES[page]]["GET"].roles if page in PAGES else EVERYBODY


def user_of(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied("Sign in first.")
    return request.user


def has_role(user: object) -> bool:
    return isinstance(user, User) and user.has_role(*Role.values)


def may_read(user: object, page: str) -> bool:
    return isinstance(user, User) and user.has_role(*readers_of(page))


def may(user: object, deed: str) -> bool:
    return isinstance(user, User) and user.has_role(*roles_for(deed))


def require_reader(user: object, page: str) -> None:
    if not may_read(user, page):
        raise PermissionDenied(f"This page is open to {words(readers_of(page))}.")


def acting(user: User, deed: str) -> Actor:
    """The person in the role that lets them do this deed; the log names that role.

    Raises:
        PermissionDenied: none of the person's roles does.
    """
    for role in roles_for(deed):
        if user.has_role(role):
            return person(user, role.value)
    raise PermissionDenied(f"This needs the role of {words(roles_for(deed))}.")


def words(roles: tuple[Role, ...]) -> str:
    return " or ".join(role.label.lower() for role in roles)
