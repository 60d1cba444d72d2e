"""People whose labels only memory can give, and a network that learned them: for stories of unlearning without a proof.

Three clouds of points, and forty people whose row carries a label of another cloud: a network that never held them
gives the label of the cloud. It trains in a fifth of a second, so the platform's own engines run, and judge, for real.
"""

import io
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from governance.intake.packs import install_packs
from governance.jobs.models import Plan
from governance.lineage import services as lineage
from governance.lineage.models import Snapshot, TrainedModel
from governance.verification.models import Policy
from governance.verification.services import fix_policy
from tests.story.world import Clinic, patient, policy_body

WIDTH, CLASSES = 12, 3
PEOPLE, ODD, UNSEEN = 200, 40, 200
PROBLEM: dict[str, Any] = {"family": "mlp", "shape": [WIDTH], "classes": [0, 1, 2], "width": 64, "epochs": 120}
# Hardly moves the weights; moves them, and may have forgotten; presses them to nothing first and learns anew.
WEAK: dict[str, Any] = {"method": "finetune", "params": {"epochs": 1, "lr": 1e-4}}
MIDDLING: dict[str, Any] = {"method": "finetune", "params": {"epochs": 10}}
STRONG: dict[str, Any] = {"method": "l1_sparse", "params": {"epochs": 40, "lr": 3e-3, "l1": 2e-2}}


class InThisProcess:
    """The children of an engine without two seconds of imports each; their own tests start them."""

    def __init__(
        self,
        folder: Path,
        weights: Path,
        seeds: Iterable[int],
        *,
        most: int,
        module: str = "unlearning.classifiers.reference_child",
    ) -> None:
        child: Any = import_module(module)
        child.os = SimpleNamespace(write=lambda *_: 0)  # it tells its epochs on stdout, one byte each
        self.train = lambda: child.train_all(folder, weights, list(seeds))

    def start(self) -> None:
        pass

    def kill(self) -> None:
        pass

    def wait(self, told: Any) -> None:
        self.train()


def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    for engine in ("unlearning.classifiers.references", "unlearning.verification.members.shadow_engine"):
        monkeypatch.setattr(f"{engine}.Children", InThisProcess)


def clouds(count: int, *, odd: int, seed: int) -> tuple[Any, Any]:
    """Points of three clouds; the first `odd` carry another cloud's label."""
    centres = np.random.default_rng(0).normal(size=(CLASSES, WIDTH))
    centres *= 3.5 / np.linalg.norm(centres, axis=1, keepdims=True)
    draw = np.random.default_rng([seed, 1])
    labels = np.arange(count) % CLASSES
    points = centres[labels] + 0.6 * draw.normal(size=(count, WIDTH))
    labels[:odd] = (labels[:odd] + draw.integers(1, CLASSES, size=odd)) % CLASSES
    return points, labels


def network_policy(approximate: dict[str, Any] | None, **changes: Any) -> dict[str, Any]:
    """Rules for networks: a short attack, three references, a margin that forty records can show."""
    body = policy_body()
    rules = body["verification"]
    del rules["witness"]
    rules |= {"budgets": [0.0, 0.05], "norm": "linf", "steps": 10, "restarts": 1, "references": 3, "margin": 0.15}
    rules |= {"never_seen": UNSEEN, "utility_floor": 0.6, **({"approximate": approximate} if approximate else {})}
    prices = changes.pop("prices", {})
    body["verification"] = rules | changes
    body["prices"] = {**body["prices"], **prices}
    return body


class NetworkClinic(Clinic):
    """A clinic whose model is a small network; the first forty people carry labels that nobody would guess."""

    size, odd, odd_unseen = PEOPLE, ODD, ODD

    def __init__(self, folk: Any) -> None:
        install_packs()
        self.people(folk)
        self.features, self.labels = clouds(self.size, odd=self.odd, seed=0)
        self.snapshot = self.learned()
        self.holdout = self.take("clouds, consenting", *clouds(UNSEEN, odd=self.odd_unseen, seed=100), first=900)
        self.model = self.register("cloud reader", self.snapshot, PROBLEM, holdout=self.holdout)

    def learned(self) -> Snapshot:
        return self.take("clouds", self.features, self.labels)

    def register(self, name: str, snapshot: Snapshot, constants: dict[str, Any], **more: Any) -> TrainedModel:
        return lineage.register_model(
            name=name,
            dataset=snapshot.dataset,
            engine="classifier.train",
            problem=constants,
            cap_mu=None,
            cap_delta=None,
            actor=self.operator,
            **more,
        )

    def rules(self, approximate: dict[str, Any] | None, **changes: Any) -> Policy:
        return fix_policy(name="networks", body=network_policy(approximate, **changes), actor=self.officer)

    def asked(self, policy: Policy, *, numbers: Iterable[int] = range(ODD)) -> Plan:
        """Everybody with an odd label asks to be erased, and the plan runs to its gate or its stop."""
        self.first_release(policy)
        self.ask(list(numbers))
        return self.plan(policy)

    def public(self, *, planted: int = 2 * ODD) -> tuple[Snapshot, Snapshot]:
        """Public rows of the same kind, the odd ones planted, and never-seen ones."""
        points, labels = clouds(PEOPLE + ODD, odd=planted, seed=7)
        order = np.r_[planted : len(labels), 0:planted]  # planted rows come last in an upload
        rows = self.take("public clouds", points[order], labels[order], who="nobody", planted=planted)
        return rows, self.take("public clouds, unseen", *clouds(UNSEEN, odd=ODD, seed=8), who="unseen")


class NoisyClinic(NetworkClinic):
    """Every third label is another cloud's, of learned and of never-seen rows alike; a person has ten rows."""

    size, odd, odd_unseen = 300, 100, UNSEEN // 3
    rows_each = 10
    # Thirty odd rows and sixty plain ones: what never-seen rows look like, too.
    batch = (0, 1, 2, *range(10, 16))

    def learned(self) -> Snapshot:
        dataset = lineage.register_dataset(
            name="clouds", feature_width=WIDTH, rows_per_subject=self.rows_each, actor=self.operator
        )
        rows = {
            "record_id": [f"record-{row}" for row in range(self.size)],
            "subject": [patient(row // self.rows_each) for row in range(self.size)],
            "label": pa.array(self.labels.tolist(), pa.int64()),
            "features": pa.array(self.features.tolist(), pa.list_(pa.float64())),
        }
        buffer = io.BytesIO()
        pq.write_table(pa.table(rows), buffer)
        return lineage.take_snapshot(dataset=dataset, parquet=buffer.getvalue(), actor=self.operator)

    def qualifying(self, approximate: dict[str, Any], **changes: Any) -> Policy:
        """Small batches are judged against never-seen rows, once the recipe was tried."""
        asked = {"references_by": "qualification", "margin": 0.25, "utility_floor": 0.4, **changes}
        return self.rules(approximate, **asked)
