"""Everybody who acts in a telling, and the house that is opened for them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from demo import house
from demo.http import Machine, Person
from demo.screen import say

SCOPES = ("requests:write", "requests:read", "lineage:read")


@dataclass
class Cast:
    """Everybody who acts."""

    officer: Person
    operator: Person
    approvers: tuple[Person, Person]
    auditor: Person
    machine: Machine


@contextmanager
def opened(var: Path) -> Iterator[Cast]:
    """A database of its own, five people, a machine client, and web, worker and tick until the telling ends."""
    house.manage("migrate", "--database", "owner", "-v0")
    house.manage("install_packs")
    people = {
        "olivia": house.sign_in("olivia", var, "privacy_officer"),
        "omar": house.sign_in("omar", var, "operator"),
        "ann": house.sign_in("ann", var, "approver"),
        "ben": house.sign_in("ben", var, "approver"),
        "ada": house.sign_in("ada", var, "auditor"),
    }
    machine = house.client("ward-3", var, *SCOPES)
    say("a database of its own, five people with roles, one machine client; no default account anywhere")
    with house.running(var) as address:
        say(f"web, worker and tick run at {address}")
        yield Cast(
            officer=Person(address, *people["olivia"]),
            operator=Person(address, *people["omar"]),
            approvers=(Person(address, *people["ann"]), Person(address, *people["ben"])),
            auditor=Person(address, *people["ada"]),
            machine=Machine(address, *machine),
        )
