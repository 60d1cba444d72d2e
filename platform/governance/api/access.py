"""Who may do what: one table, route name x method. What is not in it is refused, and a test finds it."""

from collections.abc import Iterable
from dataclasses import dataclass

from governance.actors import Actor, machine, person
from governance.people.models import MachineClient, Role, User

OFFICER, OPERATOR, APPROVER, AUDITOR = Role.PRIVACY_OFFICER, Role.OPERATOR, Role.APPROVER, Role.AUDITOR
EVERYBODY = (OFFICER, OPERATOR, APPROVER, AUDITOR)


@dataclass(frozen=True)
class Rule:
    """Any one of these roles, or any one of these scopes. `public` asks nothing."""

    roles: tuple[Role, ...] = ()
    scopes: tuple[str, ...] = ()
    public: bool = False


def allow(*roles: Role, scopes: tuple[str, ...] = ()) -> Rule:
    return Rule(roles=roles, scopes=scopes)


PUBLIC = Rule(public=True)
READ_LINEAGE = allow(*EVERYBODY, scopes=("lineage:read",))
WRITE_LINEAGE = allow(OPERATOR, scopes=("lineage:write",))
# Requests are personal data: only those who handle or audit them see them; a machine sees only its own.
READ_REQUESTS = allow(OFFICER, AUDITOR, scopes=("requests:read",))
WRITE_REQUESTS = allow(OFFICER, scopes=("requests:write",))
READ_LOG = allow(*EVERYBODY, scopes=("log:read",))
READ_WORK = allow(*EVERYBODY)
ANY_SCOPE = (
    "requests:write",
    "requests:read",
    "lineage:write",
    "lineage:read",
    "deployments:report",
    "log:read",
)

TABLE: dict[str, dict[str, Rule]] = {
    "healthz": {"GET": PUBLIC},
    "readyz": {"GET": PUBLIC},
    # Leads to the console, which asks who is there.
    "front-door": {"GET": PUBLIC},
    "token": {"POST": PUBLIC},
    "schema": {"GET": PUBLIC},
    "trust": {"GET": PUBLIC},
    "catalog": {"GET": allow(*EVERYBODY, scopes=ANY_SCOPE)},
    "datasets": {"GET": READ_LINEAGE, "POST": WRITE_LINEAGE},
    "snapshots": {"GET": READ_LINEAGE, "POST": WRITE_LINEAGE},
    "texts": {"POST": WRITE_LINEAGE},
    # The auditor's own instrument, and all that an auditor writes. The commitments are everybody's to read.
    "sentinels": {"GET": READ_LINEAGE, "POST": allow(AUDITOR)},
    "sentinel-set": {"GET": READ_LINEAGE},
    "sentinel-errand": {"GET": allow(AUDITOR)},
    "sentinel-reveal": {"POST": allow(AUDITOR)},
    "bases": {"GET": READ_LINEAGE, "POST": WRITE_LINEAGE},
    "base": {"GET": READ_LINEAGE},
    # As withdrawing a model, to which it leads: not by whoever registers bases.
    "base-retract": {"POST": allow(APPROVER, OFFICER)},
    "models": {"GET": READ_LINEAGE, "POST": WRITE_LINEAGE},
    "model": {"GET": READ_LINEAGE},
    "model-privacy": {"GET": READ_LINEAGE},
    "model-sentinels": {"GET": READ_LINEAGE},
    "model-recipe": {"POST": allow(OPERATOR)},
    # Withdrawal is always open: to those who answer for a release, and to those who answer the law's clock.
    "model-withdraw": {"POST": allow(APPROVER, OFFICER)},
    "training-runs": {"GET": READ_LINEAGE, "POST": allow(OPERATOR)},
    "checkpoints": {"GET": READ_LINEAGE, "POST": WRITE_LINEAGE},
    "checkpoint": {"GET": READ_LINEAGE},
    "descendants": {"GET": READ_LINEAGE, "POST": WRITE_LINEAGE},
    "object": {"GET": READ_LINEAGE},
    "deployments": {"GET": allow(*EVERYBODY, scopes=("lineage:read", "deployments:report")), "POST": allow(OPERATOR)},
    "deployment-report": {"POST": allow(OPERATOR, scopes=("deployments:report",))},
    "deployment-stop": {"POST": allow(OPERATOR, scopes=("deployments:report",))},
    "erasure-requests": {"GET": READ_REQUESTS, "POST": WRITE_REQUESTS},
    "erasure-request": {"GET": READ_REQUESTS},
    # It says which models hold the person: only after scope, and to those who see the request.
    "request-privacy": {"GET": READ_REQUESTS},
    "request-identity": {"POST": allow(OFFICER)},
    "request-scope": {"POST": allow(OFFICER)},
    "request-refusal": {"POST": allow(OFFICER)},
    "request-withdrawal": {"POST": WRITE_REQUESTS},
    "request-removal": {"POST": allow(OFFICER)},
    # It opens the commitment to the person's identifier: for them alone, through whoever answers them.
    "request-receipt": {"GET": allow(OFFICER, scopes=("requests:read",))},
    "plans": {"GET": READ_WORK, "POST": allow(OFFICER)},
    "plan": {"GET": READ_WORK},
    "plan-verification": {"GET": READ_WORK},
    "plan-confirm": {"POST": allow(OFFICER)},
    "plan-discard": {"POST": allow(OFFICER)},
    "plan-clear-alarm": {"POST": allow(OFFICER)},
    "plan-climb": {"POST": allow(OFFICER)},
    "plan-bundle": {"GET": READ_WORK},
    "plan-bundle-weights": {"GET": READ_WORK},
    "plan-report": {"GET": READ_WORK},
    "jobs": {"GET": READ_WORK, "POST": allow(OPERATOR)},
    "job": {"GET": READ_WORK},
    "job-bundle": {"GET": READ_WORK},
    "job-cancel": {"POST": allow(OPERATOR)},
    "job-retry": {"POST": allow(OPERATOR)},
    "policies": {"GET": READ_WORK, "POST": allow(OFFICER)},
    "qualifications": {"GET": READ_WORK, "POST": allow(OFFICER, OPERATOR)},
    "qualification": {"GET": READ_WORK},
    "releases": {"GET": READ_WORK, "POST": allow(OPERATOR)},
    "release": {"GET": READ_WORK},
    "release-approve": {"POST": allow(APPROVER)},
    "release-withdraw": {"POST": allow(APPROVER)},
    "log-head": {"GET": READ_LOG},
    "log-entry": {"GET": READ_LOG},
    "log-consistency": {"GET": READ_LOG},
}


def rule_for(route: str, method: str) -> Rule | None:
    """The table's line; None when there is none, which means nobody. HEAD is a GET without its body."""
    return TABLE.get(route, {}).get("GET" if method == "HEAD" else method)


def methods_of(route: str) -> list[str]:
    return sorted(TABLE.get(route, {}))


def as_person(user: User, rule: Rule) -> Actor | None:
    """The person in the first of their roles that the rule names; None when they have none of them."""
    role = next((role for role in rule.roles if user.has_role(role)), None)
    return person(user, role.value) if role else None


def as_machine(client: MachineClient, granted: Iterable[str], rule: Rule) -> Actor | None:
    """The client, if its token carries a scope of the rule that the client still has."""
    usable = set(granted) & set(client.allowed_scopes) & set(rule.scopes)
    return machine(client) if usable else None
