"""How a run of unlearning went, step by step: an auditor sees it in the reading room, and nobody sees it elsewhere."""

import math
import re

import pytest
from django.test import Client
from django.urls import reverse

from evidence.canonical import parse_canonical
from governance.actors import WORKER
from governance.audit.models import Entry, Sealed
from governance.audit.sealing import seal
from governance.console.pages.chart_frame import BOTTOM, HEIGHT, TOP
from governance.console.pages.run_chart import probability_chart, round_steps, utility_chart
from governance.console.pages.runs import precise, run_views
from governance.jobs.models import Job, Plan
from governance.jobs.submission import submit
from governance.verification.models import Verdict
from governance.verification.reason_words import plain, priced
from governance.verification.sealed_runs import Look, Run
from governance.verification.strength_words import strength_words
from tests.console import places
from tests.console.world import World

pytestmark = pytest.mark.django_db
OTHERS = sorted(places.ALL - {"auditor"})
CURVES = [
    {"step": 0, "pushed": 8, "forget": 0.9709, "holdout": 0.0041, "utility": 1.0},
    {"step": 20, "pushed": 5, "forget": 0.0317, "holdout": 0.0053, "utility": 0.7319},
    {"step": 37, "pushed": 0, "forget": 0.00283, "holdout": 0.0047, "utility": 0.9629},
]
WHY = "the rows to forget are as improbable as never-trained ones, and stayed so"
TOLD = {"curves": CURVES, "steps": 37, "chosen_step": 37, "stopped_because": "target", "reason": WHY}
SECRETS = (WHY, "0.28%", "3.2%", "73.2%", "after step 37")


def ran(plan: Plan, *, method: str = "npo") -> Job:
    """A recorded run of unlearning texts, its curves under the plan's key."""
    params = {"method": method, "seed": 0, "utility_floor": 0.95}
    job = submit(engine="language.unlearn", params=params, actor=WORKER, plan=plan, purpose="unlearn")
    kept = {"result": {"outputs": {"method": method, "planned_steps": 180}}, "ledger": None, "open": None}
    Job.objects.filter(pk=job.pk).update(status="succeeded", result=kept, step=180, steps=180)
    seal(plan.ref, f"measurements/{job.ref}", {"format": "obelus/measurements/1", "measurements": [], **TOLD})
    return job


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def sign_in(client: Client, house: World, who: str) -> Client:
    client.force_login(house.people[who])
    return client


def look(client: Client, plan: Plan):
    return client.post(reverse("console:reading_room_look", args=[plan.ref]))


def test_an_auditor_sees_each_step_of_the_ladder_with_its_curves_its_numbers_and_why_it_ended(client, house):
    ran(house.gate_plan)
    ran(house.gate_plan, method="rmu")
    answer = look(sign_in(client, house, "auditor"), house.gate_plan)
    page = text_of(answer)
    assert "Step 1: NPO (negative preference optimisation)" in page
    assert "Step 2: RMU (representations steered away)" in page
    assert page.count(f"It stopped after step 37 of at most 180: {WHY}. Its weights were taken.") == 2
    assert all(secret in page for secret in SECRETS), "else the tests of the other pages would hold for nothing"
    assert answer.content.count(b'class="ob-cap"') == 2, "the floor of usefulness"
    assert "no-store" in answer["Cache-Control"]
    assert b"<script src" not in answer.content.replace(b'<script src="/static/', b"")


def test_an_auditor_reads_the_reasons_that_no_open_page_tells(client, house):
    sign_in(client, house, "auditor")
    sealed = "the interval of the excess"
    assert sealed not in text_of(client.get(places.address(house, "verification")))
    page = text_of(look(client, house.gate_plan))
    assert "Why the newest verdict is what it is" in page and sealed in page


def test_reasons_of_rules_that_came_to_something_else_are_not_passed_off_as_the_verdicts(client, house):
    old = house.gate_plan.verdicts.latest("id")
    what = {"plan": old.plan, "checkpoint": old.checkpoint, "job": old.job, "policy": old.policy, "body": old.body}
    Verdict.make(**what, outcome="passed", digest="sha256:other")
    assert "Why the newest verdict" not in text_of(look(sign_in(client, house, "auditor"), house.gate_plan))


def test_the_log_learns_that_somebody_looked_and_at_how_many_runs_and_nothing_else(client, house):
    ran(house.gate_plan)
    look(sign_in(client, house, "auditor"), house.gate_plan)
    [entry] = Entry.objects.filter(event="measurements:read", thread=f"read_{house.gate_plan.ref}")
    body = parse_canonical(bytes(entry.leaf))["body"]
    assert set(body) == {"plan", "job", "runs", "auditor"}, "how many lines are sealed follows from the erased rows"
    assert body["runs"] == 1


def test_a_run_may_be_read_before_there_is_any_verdict(client, house):
    job = ran(house.running_plan)
    sign_in(client, house, "auditor")
    door = text_of(client.get(reverse("console:reading_room", args=[house.running_plan.ref])))
    assert "is sealed" in door and not any(secret in door for secret in SECRETS)
    assert f"It stopped after step 37 of at most 180: {WHY}" in text_of(look(client, house.running_plan))
    [entry] = Entry.objects.filter(event="measurements:read", thread=f"read_{house.running_plan.ref}")
    assert parse_canonical(bytes(entry.leaf))["body"]["job"] == job.ref


@pytest.mark.parametrize("who", [*OTHERS, "stranger"])
def test_nobody_else_sees_a_run_and_no_look_is_logged(client, house, who):
    ran(house.gate_plan)
    answer = look(sign_in(client, house, who), house.gate_plan)
    assert answer.status_code == 403
    assert not any(secret in text_of(answer) for secret in SECRETS)
    assert not Entry.objects.filter(event="measurements:read").exists()


@pytest.mark.parametrize("who", sorted(places.ALL))
def test_no_open_page_and_no_answer_of_the_api_tells_of_a_run(client, house, who):
    job = ran(house.gate_plan)
    sign_in(client, house, who)
    open_pages = [
        *(reverse(f"console:{name}", args=[house.gate_plan.ref]) for name in ("plan", "plan_progress", "verification")),
        *(reverse(f"console:{name}", args=[job.ref]) for name in ("job", "job_progress")),
        *(f"/console/{name}/" for name in ("jobs", "log", "plans")),
        *(f"/api/v1/jobs/{job.ref}{more}" for more in ("", "/result")),
        f"/api/v1/plans/{house.gate_plan.ref}",
    ]
    for address in open_pages:
        said = client.get(address).content.decode()
        hidden = (*SECRETS, "0.00283", "chosen_step", "stopped_because")
        assert not any(secret in said for secret in hidden), address


def test_no_entry_of_the_trail_tells_of_a_run(house):
    ran(house.gate_plan)
    for entry in Entry.objects.all():
        assert WHY not in bytes(entry.leaf).decode() and "chosen_step" not in bytes(entry.leaf).decode()


def test_when_the_case_is_over_the_curves_are_gone_for_the_auditor_too(client, house):
    ran(house.gate_plan)
    Sealed.objects.filter(case_id=house.gate_plan.ref).delete()
    Plan.objects.filter(pk=house.gate_plan.pk).update(status="closed")
    answer = look(sign_in(client, house, "auditor"), house.gate_plan)
    assert answer.status_code == 410
    assert not any(secret in text_of(answer) for secret in SECRETS)


def test_a_closed_case_is_not_opened_although_something_sealed_was_left_behind(client, house):
    ran(house.gate_plan)
    Plan.objects.filter(pk=house.gate_plan.pk).update(status="closed")
    assert look(sign_in(client, house, "auditor"), house.gate_plan).status_code == 410


@pytest.fixture
def run() -> Run:
    looks = [Look(p["step"], p["forget"], p["holdout"], p["utility"], p["pushed"]) for p in CURVES]
    return Run(job="job_1", method="npo", floor=0.95, planned=180, ended=37, kept=20, why=WHY, looks=looks)


def test_probabilities_stand_by_powers_of_ten_and_the_axis_ends_below_the_least(run):
    chart = probability_chart(run)
    assert [words for _, words in chart.ticks] == ["100%", "10%", "1%", "0.1%"]
    forget, never = chart.lines
    height = HEIGHT - TOP - BOTTOM
    assert forget.spots[0][1] == pytest.approx(TOP - height * math.log10(0.9709) / 3)
    assert forget.spots[2][1] > never.spots[2][1], "less likely stands lower"
    assert chart.kept == forget.spots[1][0]


def test_usefulness_stands_as_a_share_with_its_floor_across(run):
    chart = utility_chart(run)
    height = HEIGHT - TOP - BOTTOM
    assert chart.floor == (pytest.approx(TOP + 0.05 * height), "floor 95%")
    assert chart.lines[0].spots[1][1] == pytest.approx(TOP + (1 - 0.7319) * height)


def test_weights_of_an_earlier_step_are_named_as_those_taken(run):
    [view] = run_views([run])
    assert view.title == "NPO (negative preference optimisation)", "alone it is no step of a ladder"
    assert "The weights of step 20 were taken" in view.ending
    assert [row.kept for row in view.rows] == [False, True, False]


@pytest.mark.parametrize("last", [0, 1, 7, 47, 180, 4999, 100_000])
def test_steps_along_the_bottom_are_few_and_round(last):
    marks = round_steps(last)
    assert marks[0] == 0 and marks[-1] <= last and len(marks) <= 6


def test_small_shares_keep_two_digits_and_no_exponent():
    assert [precise(share) for share in (0.97, 0.0317, 0.00043, 1e-8)] == ["97%", "3.2%", "0.043%", "under 0.0001%"]


def test_reasons_name_measurements_and_strengths_in_words():
    said = plain("At budget 0.05 of membership.loss.near the interval of the excess (-45% to +23%) reaches beyond.")
    assert said == (
        "“Telling members from strangers by their loss: flagged as a member”, at 5% of strangers flagged: "
        "the interval of the excess (-45% to +23%) reaches beyond."
    )
    assert plain("The policy asks for quantised.int4, and it was not measured.") == (
        "The policy asks for “Answer given back by four-bit weights”, and it was not measured."
    )


def test_a_price_of_nothing_is_no_price():
    assert priced("Verify again, at half the level (1 such attempts can still pass): about 0 s each.") == (
        "Verify again, at half the level (1 such attempts can still pass)."
    )
    assert priced("Retrain without the erased records: one training, about 0 s.").endswith("one training.")
    assert priced("3 trainings, about 10 s.") == "3 trainings, about 10 s."


def test_a_strength_is_told_in_its_unit():
    assert strength_words("uma.text.soft", [1]) == "1 token"
    assert strength_words("canary.uma.text.paraphrase", [1, 2, 4]) == "1, 2, 4 wordings"
    assert strength_words("membership.minkpp.far", [0.05, 0.1]) == "5%, 10% of strangers flagged"
    assert strength_words("uma.linf.label_only", [0.05]) == "0.05"
