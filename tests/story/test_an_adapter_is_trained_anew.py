"""Of an author who asks only the adapter of the group is trained anew: the others of the group lose nothing."""

from typing import Any

import pytest
from django.conf import settings as house

from governance.actors import WORKER
from governance.audit import fsck, sequencer
from governance.jobs.leases import claim
from governance.jobs.models import Certificate, Disposition, Job, Plan
from governance.jobs.running import fresh_training
from governance.jobs.submission import submit
from governance.lineage.adapters import origins
from governance.objects.references import held_for_nothing
from governance.reports.facts.whole import report_facts
from governance.reports.pdf import report_pdf
from tests.story.search import files_below, tables, traces
from tests.story.test_an_adapter_is_dropped import Groups, number_of, verified
from tests.story.world import run_attempt
from tests.story.writers import NPO, quickly

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_store"), pytest.mark.slow]
WHO = 2
ANEW = {"method": "retrain_adapter"}


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    quickly(monkeypatch)


def released(press: Groups, policy: Any, plan: Plan, place: Any) -> Plan:
    press.approve(plan.release)
    press.deploy(plan.candidate, place)
    return press.destroy(plan)


def weights_of_a_whole_retraining(plan: Plan) -> str:
    """All adapters, on the snapshot without the rows, from the model's seed: what the shortcut must equal."""
    job = submit(**fresh_training(plan), purpose=Job.Purpose.NONE, actor=WORKER)
    run_attempt(claim(job.ref, worker="test"))
    job.refresh_from_db()
    return str(job.weights)


def test_one_adapter_is_trained_anew_and_the_release_is_what_retraining_would_have_given(folk: Any, tmp_path: Any):
    press = Groups(folk, tmp_path)
    policy = press.rules([ANEW, NPO])
    first, place = press.first_release(policy)
    press.ask([WHO])
    plan = press.plan(policy)
    assert (plan.body["format"], plan.route) == ("obelus/plan-recipe/5", "approximate")
    assert plan.status == Plan.Status.GATE, (plan.status, [(j.engine, j.code, j.message) for j in plan.jobs.all()])
    step, told = plan.body["inputs"]["ladder"][0], plan.jobs.get(engine="language.retrain_adapter").spec["params"]
    assert (len(told["parts"]), step["emptied"], len(step["staying"])) == (1, [], 2)
    assert step["left_rows"] == press.questions and step["row_passes"] == press.problem["epochs"] * press.questions
    assert "Retraining adapters is exact" in plan.body["choice"]["reason"]
    body = Certificate.objects.get(checkpoint=plan.candidate).body
    assert (body["rung"], body["retrained_adapters"]["adapters"]) == ("retrained", step["params"]["adapters"])
    assert "would have given these weights" in " ".join(body["assumptions"])
    assert weights_of_a_whole_retraining(plan) == plan.candidate.object_digest != first.object_digest

    plan = released(press, policy, plan, place)
    assert plan.status == Plan.Status.CLOSED
    assert {found.status for found in plan.dispositions.all()} == {Disposition.Status.UNLEARNED}
    assert traces(press.words_of([WHO]), files_below(house.OBELUS_VAR), tables()) == []
    sequencer.catch_up()
    assert fsck.faults() == []
    report = verified(plan)
    assert report.differences == [] and "parts that stay, as recorded before the case" in report.checked
    assert report_pdf(plan=plan).startswith(b"%PDF")
    told = report_facts(plan=plan, at=plan.closed_at)
    assert told["choice"]["route"].startswith("Train anew") and "anew without them" in told["certificate"]["rung"]
    the_companion_leaves_too(press, policy, plan, place)


def the_companion_leaves_too(press: Groups, policy: Any, before: Plan, place: Any) -> None:
    """Where dropping left nobody to ask, the last of the group can go by the same step: the adapter is gone then."""
    [name] = before.body["inputs"]["ladder"][0]["params"]["adapters"]
    companion = next(n for n in range(press.authors) if n != WHO and f"house_{number_of(n) % 3}" == name)
    assert len(origins(before.candidate)[name]) == press.questions
    press.ask([companion])
    plan = press.plan(policy)
    step = plan.body["inputs"]["ladder"][0]
    assert (step["params"]["adapters"], step["emptied"], step["left_rows"]) == ([name], [name], 0)
    assert plan.status == Plan.Status.GATE, [(j.engine, j.code, j.message) for j in plan.jobs.all()]
    assert weights_of_a_whole_retraining(plan) == plan.candidate.object_digest
    plan = released(press, policy, plan, place)
    assert plan.status == Plan.Status.CLOSED and verified(plan).differences == []
    assert traces(press.words_of([WHO, companion]), files_below(house.OBELUS_VAR), tables()) == []
    assert set(held_for_nothing()) <= {job.weights for job in Job.objects.filter(purpose=Job.Purpose.NONE)}
