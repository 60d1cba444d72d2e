"""Who was given which role, and since when, is in the trail; who they are is not."""

import pytest

from evidence.canonical import parse_canonical
from governance.actors import person
from governance.audit.models import Entry
from governance.people.services import create_client, create_person, new_password, set_roles, thread_of

pytestmark = pytest.mark.django_db


def told(thread: str) -> list[tuple[str, dict]]:
    rows = Entry.objects.filter(thread=thread).order_by("seq")
    return [(row.event, parse_canonical(bytes(row.leaf))["body"]) for row in rows]


def test_an_account_its_roles_and_its_new_password_are_in_the_trail_without_a_name():
    user, first = create_person(username="olivia.marsh", roles=["approver"])
    set_roles(user=user, roles=["approver", "auditor"])
    second = new_password(user=user)
    assert told(user.ref) == [
        ("person:created", {"person": user.ref, "roles": ["approver"]}),
        ("person:changed", {"person": user.ref, "roles": ["approver", "auditor"]}),
        ("person:changed", {"person": user.ref, "password": "new"}),
    ]
    leaves = b"".join(bytes(leaf) for leaf in Entry.objects.values_list("leaf", flat=True))
    assert not [secret for secret in ("olivia", first, second, user.password) if secret.encode() in leaves]


def test_a_machine_client_and_its_scopes_are_in_the_trail_without_its_name_or_id():
    client, secret = create_client(name="portal-of-the-ward", scopes=["log:read"])
    assert told(thread_of(client)) == [("client:created", {"client": thread_of(client), "scopes": ["log:read"]})]
    [leaf] = Entry.objects.values_list("leaf", flat=True)
    assert not [word for word in ("portal", client.client_id, secret) if word.encode() in bytes(leaf)]


def test_whoever_gives_a_role_is_named_by_role(folk):
    set_roles(user=folk.stranger, roles=["auditor"], actor=person(folk.operator, "operator"))
    entry = Entry.objects.filter(thread=folk.stranger.ref).latest("seq")
    assert parse_canonical(bytes(entry.leaf))["actor_role"] == "operator"
