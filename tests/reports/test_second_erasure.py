"""The line goes on: a second erasure, by retraining, from the release that the first one published."""

from pathlib import Path

import pytest

from evidence.canonical import parse_canonical
from governance.errors import Destroyed
from governance.jobs.models import Plan
from governance.lineage.models import Deployment
from governance.reports.bundle import bundle, bundle_with_weights, erasure_members
from governance.reports.pdf import report_pdf
from tests.reports.case import Closed, verify


@pytest.mark.slow
def test_a_retrained_plans_bundle_verifies_and_so_does_the_first_one_still(
    house: Closed, trust_file: Path, tmp_path: Path
) -> None:
    clinic = house.clinic
    clinic.ask([60, 61])
    plan = clinic.plan(clinic.policy(prices__delete_fixed_s=50.0, verification__references=1))
    assert plan.route == "retrain"
    clinic.approve(plan.release)
    assert plan.candidate is not None
    clinic.deploy(plan.candidate, Deployment.objects.get())
    plan = clinic.destroy(plan)
    assert plan.status == Plan.Status.CLOSED

    code, words = verify(bundle_with_weights(plan=plan), tmp_path, trust=trust_file)
    assert code == 0, words
    assert parse_canonical(erasure_members(plan)["certificate.json"])["rung"] == "retrained"
    assert report_pdf(plan=plan).startswith(b"%PDF")
    code, words = verify(bundle(plan=house.plan), tmp_path, trust=trust_file)
    assert code == 0, words
    with pytest.raises(Destroyed):
        bundle_with_weights(plan=house.plan)
