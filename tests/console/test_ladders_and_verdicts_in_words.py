"""A plan with a ladder: which step stands where, what its verdicts mean, and what its work is called."""

import math
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from governance.actors import WORKER
from governance.audit.models import Event
from governance.audit.services import append
from governance.console.live import job_facts
from governance.console.pages.ladder import ladder_of
from governance.console.pages.lineage_graph import COLUMN, ROW, TOP, WIDTH, Box, curve
from governance.console.pages.privacy import person_words
from governance.console.pages.runs import GONE, SEALED_HERE
from governance.console.pages.verdicts import HOW_INCONCLUSIVE, RETRAINED, said
from governance.console.waiting import blocker
from governance.console.work_words import work_words
from governance.jobs.models import Job, Plan
from governance.jobs.persons_privacy import PersonsHistory, Share
from governance.jobs.submission import submit
from governance.verification.method_words import METHODS, named
from tests.console.world import World
from unlearning.accounting import GdpBound
from unlearning.parameters.language_methods import METHODS as OF_TEXTS
from unlearning.parameters.methods import METHODS as OF_NETWORKS

pytestmark = pytest.mark.django_db


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


@pytest.fixture
def plan(house: World) -> Plan:
    """The digit reader's plan as if it climbed a ladder of two methods: the first one tried, its verdict reached."""
    row = house.gate_plan
    ladder = [{"method": name, "params": {}} for name in ("npo", "rmu")]
    body = {**row.body, "format": "obelus/plan-recipe/3", "inputs": {"ladder": ladder}, "choice": {"ladder": [0, 1]}}
    Plan.objects.filter(pk=row.pk).update(body=body, route="approximate", status="stopped")
    row.jobs.filter(purpose="unlearn").update(purpose="none")
    return Plan.objects.get(pk=row.pk)


def ran(plan: Plan, purpose: str, *, method: str = "npo", weights: str = "", status: str = "succeeded") -> Job:
    params = {"seed": 0, "method": method}
    job = submit(engine="language.unlearn", params=params, actor=WORKER, plan=plan, purpose=purpose)
    lease = timezone.now() if status == "running" else None
    Job.objects.filter(pk=job.pk).update(status=status, weights=weights, lease_until=lease)
    return Job.objects.get(pk=job.pk)


def states(plan: Plan) -> list[str]:
    return [step.state for step in ladder_of(plan)]


def test_each_step_says_whether_it_was_tried_and_what_came_of_it(plan):
    assert states(plan) == ["not tried yet"] * 3
    verdict = plan.verdicts.latest("id")
    ran(plan, "unlearn", method="npo", weights=verdict.checkpoint.object_digest)
    assert states(plan) == ["Inconclusive", "not tried yet", "not tried yet"]
    ran(plan, "unlearn", method="rmu", status="running")
    assert states(plan) == ["Inconclusive", "Running", "not tried yet"]
    assert [step.now for step in ladder_of(plan)] == [False, True, False]


def test_a_method_that_was_skipped_for_retraining_is_left_out(plan):
    ran(plan, "unlearn", method="npo")
    ran(plan, "retrain", status="queued")
    assert states(plan) == ["being attacked", "left out", "Waiting for a worker"]


def test_methods_above_the_one_that_passed_were_not_needed(plan):
    ran(plan, "unlearn", method="npo", weights=plan.verdicts.latest("id").checkpoint.object_digest)
    Plan.objects.filter(pk=plan.pk).update(status="closed")
    plan.refresh_from_db()
    assert states(plan)[1:] == ["not needed", "not needed"]


def test_a_plan_with_one_way_has_no_ladder(house):
    assert ladder_of(house.gate_plan) == []


def test_the_page_shows_the_ladder_by_the_names_people_know(client, house, plan):
    client.force_login(house.people["operator"])
    page = text_of(client.get(reverse("console:plan", args=[plan.ref])))
    assert "NPO (negative preference optimisation) not tried yet" in page
    assert "Retraining without the records not tried yet" in page


def test_a_verdict_names_its_candidate_and_says_what_it_means(plan):
    verdict = plan.verdicts.latest("id")
    job = ran(plan, "unlearn", method="npo", weights=verdict.checkpoint.object_digest)
    told = said(verdict)
    assert told.title == "Verdict on NPO: Inconclusive"
    assert told.meaning == "These batteries could not tell. Nothing was found, and nothing was shown."
    assert told.asides == [HOW_INCONCLUSIVE]
    Job.objects.filter(pk=job.pk).update(purpose="retrain")
    assert said(verdict).title == "Verdict on the retraining: Inconclusive"
    assert said(verdict).asides == [HOW_INCONCLUSIVE, RETRAINED]


def test_what_is_said_of_an_inconclusive_verdict_is_the_same_whatever_reasons_are_sealed(plan):
    """How many reasons look at erased rows, or which, would tell of them."""
    verdict = plan.verdicts.latest("id")
    before = said(verdict).asides
    verdict.body = {**verdict.body, "reasons": [*verdict.body["reasons"], "One more."], "kind": "x"}
    assert said(verdict).asides == before


def test_power_that_a_reason_tells_already_is_not_told_twice(plan):
    verdict = plan.verdicts.latest("id")
    words = "With 20 records and 2 retrained references an excess below 54% could have gone unseen."
    verdict.body = {**verdict.body, "power": {"words": words}, "reasons": []}
    assert said(verdict).power == words
    verdict.body = {**verdict.body, "reasons": [words]}
    assert (said(verdict).power, said(verdict).reasons) == ("", [words])


def test_whoever_waits_for_a_stopped_ladder_is_told_of_its_next_method(house, plan, monkeypatch):
    monkeypatch.setattr("governance.console.waiting.is_approximate", lambda checkpoint: True)
    assert "try the next method of the ladder, or retrain from the start" in blocker(plan).why
    ran(plan, "unlearn", method="npo")
    ran(plan, "unlearn", method="rmu")
    assert "without a proof: retrain from the start" in blocker(plan).why


def test_climbing_is_told_in_the_plans_story_with_its_method(client, house, plan):
    body = {"ref": plan.ref, "from": "stopped", "to": "unlearning", "climb": "unlearn", "method": "rmu"}
    append(Event.PLAN_MOVED, thread=plan.ref, actor=WORKER, body=body)
    client.force_login(house.people["operator"])
    page = text_of(client.get(reverse("console:plan", args=[plan.ref])))
    assert "The next method of the ladder began, from the old weights: RMU (representations steered away)" in page


def test_before_a_run_has_ended_nothing_is_said_of_curves_and_after_the_case_that_they_are_gone(client, house, plan):
    client.force_login(house.people["operator"])
    job = ran(plan, "unlearn", method="npo", status="running")
    places = [reverse("console:plan", args=[plan.ref]), reverse("console:job", args=[job.ref])]
    for address in places:
        page = text_of(client.get(address))
        assert SEALED_HERE not in page and GONE not in page
    Job.objects.filter(pk=job.pk).update(status="succeeded")
    Plan.objects.filter(pk=plan.pk).update(status="closed")
    for address in places:
        assert GONE in text_of(client.get(address))


def test_work_is_called_by_what_it_does_and_a_run_that_may_tell_shows_no_steps(plan):
    job = ran(plan, "unlearn", method="simnpo", status="running")
    assert work_words(job) == "Unlearning with SimNPO"
    assert "no steps are shown" in job_facts(job)["count_words"]
    job.status, job.step, job.steps = "succeeded", 180, 180
    assert job_facts(job)["count_words"] == "180 of 180 steps"


def test_slow_work_is_told_by_the_step_and_few_steps_foretell_nothing(house):
    job = house.running_job
    job.rate, job.step, job.steps, job.heartbeat_at = 0.05, 2, 40, timezone.now()
    assert job_facts(job)["rate_words"] == "20 s a step"
    assert job_facts(job)["left_words"] == "about 13 min left"
    job.steps = 6
    assert job_facts(job)["left_words"] == ""


def test_every_method_of_every_family_has_a_name_that_people_know():
    assert set(METHODS) >= {*OF_TEXTS, *OF_NETWORKS}


def test_bare_names_in_a_sentence_become_names_and_other_words_stay():
    assert named("The policy wishes for npo, then grad_diff; adversarial words stay.") == (
        "The policy wishes for NPO, then GradDiff; adversarial words stay."
    )


def test_whoever_left_a_model_without_a_ledger_is_not_said_to_be_in_it_still(house):
    def told(a):
        share = Share(house.digits, 1, GdpBound(math.inf), a, has_ledger=False)
        return " ".join(person_words(PersonsHistory(delta=1e-5, shares=(share,), points=())))

    assert f"Still in {house.digits.name}" in told(None)
    left = told(GdpBound(math.inf))
    assert "Still in" not in left and f"Out of {house.digits.name} by now" in left
    assert "B, all releases, has no bound." in left and "A, later releases only, has no bound." in left


def test_an_arrow_to_a_box_further_down_goes_around_those_between():
    top, near, far = (Box(0, TOP + row * ROW, "", "") for row in range(3))
    assert " L " in curve(top, near)
    around = [float(number) for number in re.findall(r"[0-9.]+", curve(top, far))]
    assert min(around[::2]) >= WIDTH and max(around[::2]) < COLUMN, "beside the boxes, and not in the next column"
