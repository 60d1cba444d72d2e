"""Every route x every method x every caller, against the one table; a route that is not in it fails here."""

import itertools
from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from governance.api.access import TABLE, Rule, rule_for
from governance.people.models import Role
from governance.people.scopes import SCOPES
from governance.people.services import create_person

pytestmark = pytest.mark.django_db
# The console guards itself; its own tests ask the same questions.
ELSEWHERE = ("console/", "static/")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
EXAMPLES = {"ref": "job_" + "0" * 32, "digest": "sha256:" + "0" * 64, "index": "7"}
# Public routes that the roles cannot tell apart.
PUBLIC = {route for route, lines in TABLE.items() if any(rule.public for rule in lines.values())}


def patterns(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        path = before + str(entry.pattern)
        if path.startswith(ELSEWHERE):
            continue
        if isinstance(entry, URLResolver):
            yield from patterns(entry, path)
        else:
            yield path, entry


def routes() -> dict[str, str]:
    """Route name -> a path to it."""
    found = {}
    for path, pattern in patterns(get_resolver()):
        for name, converter in pattern.pattern.converters.items():
            path = path.replace(f"<{type(converter).__name__.lower().replace('converter', '')}:{name}>", EXAMPLES[name])
        found[pattern.name] = "/" + path
    return found


def ask(client: Client, method: str, path: str):
    return client.generic(method, path, "{}", content_type="application/json")


def check(client: Client, allowed: Callable[[Rule], bool], *, refusal: int) -> None:
    """Ask every line of the table. Where access is given, whatever the route then says to an empty body is fine."""
    for (route, path), method in itertools.product(routes().items(), ("GET", "POST")):
        rule = rule_for(route, method)
        if rule is None:
            continue
        answer = ask(client, method, path)
        said = (route, method, answer.status_code, answer.content)
        if rule.public or allowed(rule):
            assert answer.status_code < 500 and answer.status_code not in (401, 403, 405), said
        else:
            assert answer.status_code == refusal, said


def test_the_routes_and_the_table_are_the_same():
    assert set(routes()) == set(TABLE)
    assert len(list(patterns(get_resolver()))) == len(routes()), "two routes share a name"


def test_the_table_names_only_roles_and_scopes_that_exist():
    rules = [rule for lines in TABLE.values() for rule in lines.values()]
    assert {role for rule in rules for role in rule.roles} == set(Role)
    assert {scope for rule in rules for scope in rule.scopes} == set(SCOPES)


def test_an_auditor_writes_nothing_but_sentinels_which_nobody_else_does():
    written = {
        (route, rule.roles) for route, lines in TABLE.items() for method, rule in lines.items() if method != "GET"
    }
    audited = {(route, roles) for route, roles in written if Role.AUDITOR in roles}
    assert audited == {(route, (Role.AUDITOR,)) for route in ("sentinels", "sentinel-reveal")}


def test_only_an_auditor_is_told_who_the_sentinels_are():
    assert TABLE["sentinel-errand"] == {"GET": Rule(roles=(Role.AUDITOR,))}


def test_only_health_keys_schema_and_tokens_are_public():
    assert {"front-door", "healthz", "readyz", "token", "schema", "trust"} == PUBLIC


@pytest.mark.parametrize("role", Role.values)
def test_a_person_may_do_what_the_table_gives_their_role_and_no_more(role):
    person, _ = create_person(username="paula", roles=[role])
    client = Client()
    client.force_login(person)
    check(client, lambda rule: role in rule.roles, refusal=403)


@pytest.mark.parametrize("scope", sorted(SCOPES))
def test_a_machine_may_do_what_the_table_gives_its_scope_and_no_more(machine, scope):
    check(machine(scope), lambda rule: scope in rule.scopes, refusal=403)


def test_a_person_without_a_role_may_do_only_what_is_public(as_):
    check(as_("stranger"), lambda rule: False, refusal=403)


def test_nobody_at_all_may_do_only_what_is_public(db):
    check(Client(), lambda rule: False, refusal=401)


def test_a_person_with_two_roles_may_do_what_either_may(as_):
    check(as_("both"), lambda rule: bool({"privacy_officer", "approver"} & set(rule.roles)), refusal=403)


def test_a_method_that_the_table_does_not_give_is_refused_to_everybody(as_):
    client = as_("both")
    for (route, path), method in itertools.product(routes().items(), METHODS):
        if rule_for(route, method) is None:
            assert ask(client, method, path).status_code == 405, (route, method)


def test_a_route_that_is_in_no_table_is_refused_even_to_those_who_may_everything(as_, monkeypatch):
    monkeypatch.delitem(TABLE, "jobs")
    assert as_("operator").get("/api/v1/jobs").status_code == 403


def test_head_is_allowed_where_get_is(as_):
    assert as_("operator").head("/api/v1/jobs").status_code == 200
    assert as_("stranger").head("/api/v1/jobs").status_code == 403
