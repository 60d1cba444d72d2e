"""A small club with more features than members: a plain model remembers everybody. And an auditor with a list."""

import json
from typing import Any

import numpy as np
from django.test import Client

from governance.actors import person
from governance.intake import services as intake
from governance.intake.models import ErasureRequest
from governance.jobs import plans
from governance.jobs.models import Plan
from governance.lineage import services as lineage
from governance.lineage.models import Checkpoint, Snapshot, TrainedModel
from governance.releases import destruction
from governance.releases import services as releases
from governance.releases.models import Release
from governance.verification import sentinels
from governance.verification.sentinel_models import SentinelSet
from governance.verification.sentinel_retests import advance
from governance.verification.services import fix_policy
from tests.api.conftest import token_for
from tests.story.world import policy_body, sign, table, work

WIDTH, MEMBERS = 160, 60
LIKE = "patient-####@example.org"
PROBLEM = {
    "lam": 1e-4,
    "norm_bound": 20.0,
    "classes": [0, 1],
    "centres": [0.0] * WIDTH,
    "scales": [1.0] * WIDTH,
}

NETWORK = {"family": "mlp", "shape": [WIDTH], "classes": [0, 1], "epochs": 60, "width": 48, "depth": 1, "batch": 32}


def members(*, seed: int = 5) -> tuple[Any, Any]:
    """Two groups a little apart along the first features."""
    draw = np.random.default_rng(seed)
    labels = draw.integers(0, 2, size=MEMBERS)
    features = draw.normal(size=(MEMBERS, WIDTH))
    features[:, :5] += 2.0 * (2 * labels[:, None] - 1)
    return features, labels


class Club:
    """The dataset is registered and its model with it; nothing is uploaded before `upload`."""

    def __init__(
        self, folk: Any, *, engine: str = "train.plain", problem: Any = PROBLEM, rows_per_subject: int = 1
    ) -> None:
        self.folk = folk
        self.operator, self.officer = person(folk.operator, "operator"), person(folk.officer, "privacy_officer")
        self.auditor = person(folk.auditor, "auditor")
        self.dataset = lineage.register_dataset(
            name="club", feature_width=WIDTH, rows_per_subject=rows_per_subject, actor=self.operator
        )
        self.model: TrainedModel = lineage.register_model(
            name="club model", dataset=self.dataset, engine=engine, problem=problem, cap_mu=None, cap_delta=None,
            actor=self.operator,
        )  # fmt: skip
        rules = policy_body()["verification"]
        rules = {name: value for name, value in rules.items() if name != "witness"} | {"references": 1}
        self.policy = fix_policy(name="club policy", body=policy_body(verification=rules), actor=self.officer)

    def plant(self, *, count: int = 40, kind: str = "random", **more: Any) -> SentinelSet:
        return sentinels.plant(
            dataset=self.dataset, count=count, kind=kind, like=LIKE, actor=self.auditor, **more
        )  # fmt: skip

    def errand(self) -> list[str]:
        """Whom the auditor has to ask for, of the newest set."""
        return sentinels.errand(sentinels=SentinelSet.objects.latest("id"), actor=self.auditor)

    def upload(self) -> Snapshot:
        features, labels = members()
        return lineage.take_snapshot(
            dataset=self.dataset, parquet=table(features, labels, who="member"), actor=self.operator
        )

    def train(self, snapshot: Snapshot) -> Checkpoint:
        lineage.start_training(model=self.model, snapshot=snapshot, actor=self.operator)
        work()
        return self.model.checkpoints.latest("id")

    def release(self, checkpoint: Checkpoint) -> Release:
        return self.approve(releases.propose(checkpoint=checkpoint, policy=self.policy, actor=self.operator))

    def approve(self, release: Release) -> Release:
        for user in (self.folk.approver, self.folk.second_approver):
            release = releases.approve(release=release, actor=person(user, "approver"))
        return sign(release)

    def ask_as_people_do(self, identifiers: list[str]) -> list[ErasureRequest]:
        """Through the public API, as a portal sends what people write; then the officer's ordinary work."""
        _, _, answer = token_for("portal", "requests:write")
        portal = Client(headers={"Authorization": f"Bearer {answer.json()['access_token']}"})
        refs = [self.send(portal, name) for name in identifiers]
        found = list(ErasureRequest.objects.filter(ref__in=refs))
        for request in found:
            intake.prove_identity(request=request, method="in_person", actor=self.officer)
            intake.confirm_scope(request=request, actor=self.officer)
        return found

    def send(self, portal: Client, identifier: str) -> str:
        body = json.dumps({"subject": identifier, "law": "gdpr"})
        headers = {"Idempotency-Key": f"letter-{identifier}"}
        sent = portal.post("/api/v1/erasure-requests", body, content_type="application/json", headers=headers)
        assert sent.status_code == 201, sent.content
        return str(sent.json()["ref"])

    def at_the_gate(self) -> Plan:
        """One plan up to its gate: retrained, since a plain model keeps no ledger."""
        plan = plans.propose(model=self.model, policy=self.policy, actor=self.officer)
        plans.confirm(plan=plan, actor=self.officer)
        work()
        return Plan.objects.get(pk=plan.pk)

    def carry_out(self) -> Plan:
        """The whole way, to its closing."""
        plan = self.at_the_gate()
        self.approve(plan.release)
        destruction.advance_published()
        destruction.advance_destroying()
        return Plan.objects.get(pk=plan.pk)


def ask_releases() -> None:
    """What the tick and a worker do about sentinels, until there is nothing left to do."""
    while advance():
        work()
