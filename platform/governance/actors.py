"""Who does a thing: a person in one of their roles, a machine client, or a part of the house."""

from dataclasses import dataclass

from governance.people.models import MachineClient, User


@dataclass(frozen=True, kw_only=True)
class Actor:
    role: str
    user: User | None = None
    client: MachineClient | None = None


WORKER = Actor(role="worker")
TICK = Actor(role="tick")
SYSTEM = Actor(role="system")


def person(user: User, role: str) -> Actor:
    return Actor(role=role, user=user)


def machine(client: MachineClient) -> Actor:
    return Actor(role="machine_client", client=client)
