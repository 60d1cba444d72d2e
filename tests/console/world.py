"""A small, believable house: people, two models, cases in every state. Real rows, moved by the real function."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

from governance.actors import Actor, person
from governance.audit.sequencer import catch_up
from governance.intake.models import ErasureRequest, RegimePack
from governance.intake.packs import active_pack, install_packs
from governance.jobs.models import Job, Plan
from governance.lineage.models import Base, TrainedModel
from governance.people.models import User
from governance.people.services import create_person
from governance.releases.models import Release
from governance.verification.models import Policy, QualificationRun, SentinelSet
from tests.console import attacked, cases, lines, plans, tried
from tests.console.clock import days_ago

NAMES = {
    "officer": ("olivia", "Olivia", "Marsh", ["privacy_officer"]),
    "operator": ("omar", "Omar", "Haddad", ["operator"]),
    "ann": ("ann", "Ann", "Vogel", ["approver"]),
    "ben": ("ben", "Ben", "Okoro", ["approver"]),
    "auditor": ("agatha", "Agatha", "Lind", ["auditor"]),
    "stranger": ("sam", "Sam", "Poole", []),
}


@dataclass
class World:
    people: dict[str, User] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)
    policy: Policy | None = None
    pack: RegimePack | None = None
    tumour: TrainedModel | None = None
    digits: TrainedModel | None = None
    running_plan: Plan | None = None
    gate_plan: Plan | None = None
    running_job: Job | None = None
    dead_job: Job | None = None
    release: Release | None = None
    sentinels: SentinelSet | None = None
    clouds: TrainedModel | None = None
    base: Base | None = None
    recipe_policy: Policy | None = None
    tried: QualificationRun | None = None
    trying: QualificationRun | None = None
    requests: dict[str, ErasureRequest] = field(default_factory=dict)

    def as_officer(self) -> Actor:
        return person(self.people["officer"], "privacy_officer")

    def as_approver(self, name: str) -> Actor:
        return person(self.people[name], "approver")


def digest(words: str) -> str:
    return "sha256:" + hashlib.sha256(words.encode()).hexdigest()


def build(*, patients: int = 24) -> World:
    """The whole house. `patients` is how many people each snapshot holds."""
    world = World()
    with days_ago(120):
        make_people(world)
        install_packs()
        world.pack = active_pack("gdpr")
        world.policy = Policy.make(name="patients", version=1, body=POLICY, digest=digest("policy"))
    lines.build(world, patients)
    cases.build(world)
    plans.build(world)
    world.sentinels = attacked.plant(world)
    tried.build(world)
    world.base = Base.objects.create(
        name="small talker", object_digest=digest("base"), source="Nobody's Llama, version 1", architecture="llama"
    )
    catch_up()
    return world


def make_people(world: World) -> None:
    for key, (username, first, last, roles) in NAMES.items():
        user, world.passwords[key] = create_person(username=username, roles=roles)
        User.objects.filter(pk=user.pk).update(first_name=first, last_name=last)
        user.refresh_from_db()
        world.people[key] = user


POLICY: dict[str, Any] = {
    "format": "obelus/policy/1",
    "claim": {"regime": "per_record", "epsilon": 0.5, "delta": 1e-5},
    "bounds": {"a_epsilon": 0.5, "b_epsilon": 3.0},
    "verification": {"margin": 0.1, "level": 0.05, "references": 3, "utility_floor": 0.7, "resamples": 100, "seed": 1},
}
