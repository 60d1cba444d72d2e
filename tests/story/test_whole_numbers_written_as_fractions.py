"""3.0 fits a schema that asks for a whole number; what is counted with it must be 3."""

from pathlib import Path
from typing import Any

import pytest

from governance.errors import Invalid
from governance.jobs.models import Plan
from governance.verification.qualifying import qualify
from tests.story.networks import PROBLEM, STRONG, NetworkClinic, quickly
from tests.story.standing import Standing

pytestmark = pytest.mark.django_db
FRACTIONS = {**PROBLEM, "epochs": 120.0, "width": 64.0, "seed": 1.0}
FORGETTING = {"method": STRONG["method"], "params": {**STRONG["params"], "epochs": 40.0}}


@pytest.fixture
def clinic(
    standing_network: Standing[NetworkClinic], db: None, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> NetworkClinic:
    quickly(monkeypatch)
    return standing_network.as_built(settings, tmp_path)


@pytest.mark.slow
def test_a_plan_is_made_and_runs(clinic: NetworkClinic):
    clinic.model = clinic.register("fractions", clinic.snapshot, FRACTIONS, holdout=clinic.holdout)
    plan = clinic.asked(clinic.rules(FORGETTING, references=3.0, never_seen=200.0, steps=10.0))
    assert plan.status in (Plan.Status.GATE, Plan.Status.STOPPED)
    assert plan.verdicts.count() == 1
    references = plan.jobs.get(engine="classifier.references")
    assert references.spec["params"]["seeds"] == [2, 3, 4]


def test_a_recipe_is_tried_and_is_the_same_recipe(clinic: NetworkClinic):
    rows, unseen = clinic.public()
    asked: dict[str, Any] = {"snapshot": rows, "holdout": unseen, "actor": clinic.officer}
    policy = clinic.rules(FORGETTING, references_by="qualification")
    runs = [qualify(problem=problem, policy=policy, **asked) for problem in (FRACTIONS, {**PROBLEM, "seed": 1})]
    assert runs[0].recipe == runs[1].recipe
    assert [run.body["attempt"] for run in runs] == [1, 2]


def test_a_method_is_named_once(clinic: NetworkClinic):
    with pytest.raises(Invalid, match="method"):
        clinic.rules({"method": "finetune", "params": {"method": "scrub"}})
