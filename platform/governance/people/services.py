"""Making people and machine clients. No account exists by default; passwords and secrets are shown once.

Each change is in the trail, by reference and never by name: who could approve what, and since when.
"""

import hashlib
import secrets

from django.db import transaction
from oauth2_provider.generators import generate_client_id, generate_client_secret

from governance.actors import SYSTEM, Actor
from governance.audit.models import Event
from governance.audit.services import append
from governance.errors import Invalid
from governance.people.models import MachineClient, Role, User
from governance.people.scopes import SCOPES


@transaction.atomic
def create_person(*, username: str, roles: list[str], actor: Actor = SYSTEM) -> tuple[User, str]:
    """A person with roles, and the password to hand over (it is stored only as a hash).

    Raises:
        Invalid: an unknown role, or a name that is taken.
    """
    check_roles(roles)
    if User.objects.filter(username=username).exists():
        raise Invalid(f"There is already a person called {username!r}.", code="name_taken")
    password = secrets.token_urlsafe(18)
    user = User(username=username, roles=sorted(set(roles)), is_staff=True)
    user.set_password(password)
    user.save()
    append(Event.PERSON_CREATED, thread=user.ref, actor=actor, body={"person": user.ref, "roles": user.roles})
    return user, password


def check_roles(roles: list[str]) -> None:
    unknown = sorted(set(roles) - set(Role.values))
    if unknown:
        raise Invalid(f"Roles {unknown} do not exist; choose from {sorted(Role.values)}.", code="unknown_role")


@transaction.atomic
def set_roles(*, user: User, roles: list[str], actor: Actor = SYSTEM) -> User:
    """Give a person exactly these roles. Their open sessions end with the next request.

    Raises:
        Invalid: an unknown role.
    """
    check_roles(roles)
    user.roles = sorted(set(roles))
    user.save(update_fields=["roles"])
    append(Event.PERSON_CHANGED, thread=user.ref, actor=actor, body={"person": user.ref, "roles": user.roles})
    return user


@transaction.atomic
def new_password(*, user: User, actor: Actor = SYSTEM) -> str:
    """A fresh password to hand over; every open session of the person ends."""
    password = secrets.token_urlsafe(18)
    user.set_password(password)
    user.save(update_fields=["password"])
    append(Event.PERSON_CHANGED, thread=user.ref, actor=actor, body={"person": user.ref, "password": "new"})
    return password


@transaction.atomic
def create_client(*, name: str, scopes: list[str], actor: Actor = SYSTEM) -> tuple[MachineClient, str]:
    """A machine client and its secret, shown once.

    Raises:
        Invalid: a scope that does not exist, or a name that is taken.
    """
    unknown = sorted(set(scopes) - set(SCOPES))
    if MachineClient.objects.filter(name=name).exists():
        raise Invalid(f"There is already a machine client called {name!r}.", code="name_taken")
    if unknown:
        raise Invalid(f"Scopes {unknown} do not exist; choose from {sorted(SCOPES)}.", code="unknown_scope")
    secret = generate_client_secret()
    client = MachineClient.objects.create(
        name=name,
        client_id=generate_client_id(),
        client_secret=secret,
        client_type=MachineClient.CLIENT_CONFIDENTIAL,
        authorization_grant_type=MachineClient.GRANT_CLIENT_CREDENTIALS,
        allowed_scopes=sorted(set(scopes)),
    )
    thread = thread_of(client)
    append(Event.CLIENT_CREATED, thread=thread, actor=actor, body={"client": thread, "scopes": client.allowed_scopes})
    return client, secret


def thread_of(client: MachineClient) -> str:
    """A client has no reference of its own; its id is random, and this digest of it signs nobody in."""
    return f"cli_{hashlib.sha256(client.client_id.encode()).hexdigest()[:32]}"
