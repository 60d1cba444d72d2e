"""The second ledger format through the whole house: cyclic mini-batches of permanent slots, out to a bundle."""

from typing import Any

import pyarrow.parquet as pq
import pytest

from evidence.canonical import canonical_bytes
from evidence.trust import parse_trust
from evidence.verify import verify_bytes
from governance.intake.packs import install_packs
from governance.jobs.models import Certificate, Plan
from governance.lineage.models import Checkpoint, Snapshot, TrainedModel
from governance.objects.store import open_path
from governance.reports.bundle import bundle
from governance.reports.trust import trust_document
from tests.story.world import DELTA, TRAINED, Clinic
from unlearning.accounting import Ledger, price
from unlearning.accounting.recommend import recommend

pytestmark = pytest.mark.django_db
BATCH = 91  # five batches a pass


class BatchClinic(Clinic):
    """The same patients, in batches: one row in five of every pass is seen at a step."""

    def register(self, name: str, snapshot: Snapshot, constants: dict[str, Any], **more: Any) -> TrainedModel:
        fixed = recommend(n=TRAINED, features=31, classes=2, epsilon=1.0, delta=DELTA, batch=BATCH)
        own = {"batch": BATCH, "sigma": fixed.problem.sigma, "steps": fixed.steps_learn, "eta": fixed.problem.eta}
        return super().register(name, snapshot, {**constants, **own}, **more)


def slots(snapshot: Snapshot) -> list[int]:
    found: list[int] = pq.read_table(open_path(snapshot.object_digest)).column("slot").to_pylist()
    return found


def test_a_patient_leaves_a_model_of_mini_batches_and_an_auditor_finds_the_same_numbers(folk):
    install_packs()
    clinic = BatchClinic(folk)
    before = slots(clinic.snapshot)
    plan = clinic.erase([7], clinic.policy(verification__references=1))
    assert plan.status == Plan.Status.CLOSED
    ledger = Ledger.from_dict(Checkpoint.objects.get(pk=plan.candidate.pk).ledger)
    assert (ledger.format, ledger.problem.batch) == ("obelus/ledger/2", BATCH)
    certificate = Certificate.objects.get(plan=plan)
    cost = price(ledger, delta=DELTA)
    assert certificate.body["a"]["epsilon"] == pytest.approx(cost.a.epsilon(DELTA), rel=1e-12)
    assert certificate.body["a"]["epsilon"] <= 0.5 < certificate.body["b"]["epsilon"]
    after = slots(plan.new_snapshot)
    assert len(after) == len(before) - 1 and set(after) < set(before), "nobody else's slot moved"
    report = verify_bytes(bundle(plan=plan), trust=parse_trust(canonical_bytes(trust_document())))
    assert report.exit_code == 0, report
