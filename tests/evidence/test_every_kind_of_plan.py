"""Every way a plan can end has a bundle that verifies and a report that can be set.

Not among the tests of reports: their one erasure lives in a transaction, and destroyed bytes do not come back with it.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save as save_tensors

from evidence.canonical import Json, parse_canonical
from governance.intake.packs import install_packs
from governance.jobs import plans
from governance.jobs.models import Plan
from governance.lineage import services as lineage
from governance.releases import services as releases
from governance.reports.bundle import bundle_with_weights, erasure_members
from governance.reports.pdf import report_pdf
from governance.reports.trust import trust_document
from tests.conftest import Folk
from tests.reports.case import verify
from tests.story.world import Clinic, work

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

OWNERS_TRAINING = """
import sys, numpy as np, pyarrow.parquet as pq
from safetensors.numpy import save_file
rows = pq.read_table(sys.argv[1])
features = np.array(rows.column("features").to_pylist())
save_file({"means": features.mean(axis=0)}, sys.argv[2] + "/model.safetensors")
"""


def documents(plan: Plan) -> dict[str, Json]:
    return {path: parse_canonical(data) for path, data in erasure_members(plan).items() if path.endswith(".json")}


def events(found: dict[str, Json], name: str) -> list[Json]:
    return [line["entry"]["body"] for line in found["log/entries.json"] if line["entry"]["event"] == name]


@pytest.fixture
def clinic(folk: Folk) -> Clinic:
    install_packs()
    return Clinic(folk)


def require_verified(plan: Plan, folder: Path) -> None:
    """Its bundle answers 0 to the verifier in a process of its own, and its report is a PDF."""
    assert plan.status == Plan.Status.CLOSED
    data = bundle_with_weights(plan=plan)
    (folder / "trust.json").write_text(json.dumps(trust_document()))
    code, words = verify(data, folder, trust=folder / "trust.json")
    assert code == 0, words
    assert report_pdf(plan=plan).startswith(b"%PDF")


def test_a_climbed_plan_shows_the_release_that_was_published(clinic: Clinic, tmp_path: Path) -> None:
    """One approver had signed the deletion when the other saw something odd."""
    policy = clinic.policy(verification__references=1)
    _, place = clinic.first_release(policy)
    clinic.ask([12])
    plan = clinic.plan(policy)
    releases.approve(release=plan.release, actor=clinic.approvers()[0])
    releases.withdraw(release=plan.release, reason="an approver saw something odd", actor=clinic.approvers()[1])
    plans.climb(plan=Plan.objects.get(pk=plan.pk), actor=clinic.officer)
    work()
    plan = Plan.objects.get(pk=plan.pk)
    clinic.approve(plan.release)
    assert plan.candidate is not None
    clinic.deploy(plan.candidate, place)
    plan = clinic.destroy(plan)
    require_verified(plan, tmp_path)
    found = documents(plan)
    assert plan.releases.count() == 2
    assert found["certificate.json"]["rung"] == "retrained"
    assert len(events(found, "release:approved")) == 3
    assert len(found["approvals.json"]["approvers"]) == 2


def test_a_plan_for_all_together_is_retrained(clinic: Clinic, tmp_path: Path) -> None:
    """Deletion would have to hide all six as a group, and retraining is cheaper."""
    jointly = {"claim__regime": "joint", "claim__epsilon": 0.05, "bounds__b_epsilon": 200.0}
    plan = clinic.erase([3, 4, 5, 6, 7, 8], clinic.policy(**jointly, verification__references=1))
    require_verified(plan, tmp_path)
    found = documents(plan)
    assert (found["certificate.json"]["group"], found["plan.json"]["choice"]["route"]) == (6, "retrain")


def test_a_model_from_elsewhere_has_no_ledger_and_its_bundle_verifies(clinic: Clinic, tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text(OWNERS_TRAINING)
    foreign = lineage.register_foreign_checkpoint(
        name="bought-in model",
        dataset=clinic.snapshot.dataset,
        files={"model.safetensors": save_tensors({"means": np.zeros(30)})},
        gaps=["the version of the data it was trained on"],
        actor=clinic.operator,
    )
    clinic.ask([7, 8])
    command = [sys.executable, str(script), "{data}", "{out}"]
    clinic.model = lineage.fix_recipe(model=foreign.model, command=command, timeout_s=60, actor=clinic.operator)
    plan = clinic.plan(clinic.policy())
    clinic.approve(plan.release)
    plan = clinic.destroy(plan)
    require_verified(plan, tmp_path)
    found = documents(plan)
    assert "ledger.json" not in found
    assert found["certificate.json"]["a"] == {"mu": None, "epsilon": None}
