"""One real erasure for this whole folder: it is expensive, and every test here only reads it or forges copies."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from sklearn.datasets import load_digits

from governance.intake.packs import install_packs
from governance.jobs import leases, plans
from governance.jobs.models import Plan
from governance.verification.models import Policy
from tests.conftest import Folk
from tests.reports.case import Closed
from tests.story.world import Clinic, work
from unlearning.catalog import preset

PATIENTS = [40, 41, 42]


def bystander(clinic: Clinic) -> None:
    """A model that no request touches; it need not be trained to stand in the report."""
    data = load_digits()
    snapshot = clinic.take("digits", data.data[:50], data.target[:50], who="writer")
    clinic.register("digit reader", snapshot, {**preset("digits"), "n_0": 50})


def erase(clinic: Clinic, policy: Policy) -> Plan:
    """As `Clinic.erase`, but the first attempt at the deletion crashes: there is one to hide."""
    first = clinic.train(clinic.model, clinic.snapshot)
    clinic.release(first, policy)
    place = clinic.deploy(first)
    clinic.ask(PATIENTS)
    plan = plans.confirm(
        plan=plans.propose(model=clinic.model, policy=policy, actor=clinic.officer), actor=clinic.officer
    )
    held = leases.claim(plan.jobs.get().ref, worker="doomed")
    assert held is not None
    leases.fail(held, cause="exit_137", message="The runner was killed.")
    work()
    plan.refresh_from_db()
    clinic.approve(plan.release)
    assert plan.candidate is not None
    clinic.deploy(plan.candidate, place)
    return clinic.destroy(plan)


@pytest.fixture(scope="package")
def closed(django_db_setup: None, django_db_blocker: Any) -> Iterator[Closed]:
    """A closed plan for three patients, in one transaction that is rolled back at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        install_packs()
        clinic = Clinic(Folk())
        bystander(clinic)
        yield Closed(clinic, erase(clinic, clinic.policy(verification__references=1)))
        transaction.set_rollback(True)


@pytest.fixture
def house(closed: Closed, django_db_blocker: Any) -> Iterator[Closed]:
    """The closed case, for one test: what the test writes is taken back."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield closed
        transaction.set_rollback(True)


@pytest.fixture
def trust_file(house: Closed, tmp_path: Path) -> Path:
    from governance.reports.trust import trust_document

    path = tmp_path / "trust.json"
    path.write_text(json.dumps(trust_document()))
    return path
