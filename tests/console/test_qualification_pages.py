"""Trials of recipes in the console: what the list and a page say, who begins one, and where a plan leans on one."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from governance.jobs.models import Job, Plan
from governance.verification.models import Qualification, QualificationRun
from governance.verification.qualification_results import conclude_without
from tests.console import places
from tests.console.tried import recipe_policy
from tests.console.world import World

pytestmark = pytest.mark.django_db
BEGIN = {"officer", "operator"}


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def read(client: Client, house: World, who: str, address: str) -> str:
    client.force_login(house.people[who])
    return text_of(client.get(address))


def page_of(run: QualificationRun) -> str:
    return reverse("console:qualification", args=[run.ref])


def answers(house: World, **changes: str) -> dict[str, str]:
    run = house.tried
    given = {"model": house.clouds.ref, "policy": house.recipe_policy.ref, "public": "yes"}
    return {**given, "snapshot": run.snapshot.ref, "holdout": run.holdout.ref, **changes}


def test_the_list_names_recipe_policy_outcome_and_what_runs_now(client, house):
    page = read(client, house, "auditor", "/console/qualifications/")
    assert "classifier.train mlp, 4 features, 3 classes" in page
    assert "l1_sparse" in page and "clouds, version 1" in page
    assert "Inconclusive" in page and "Under way" in page
    assert "classifier.train 40 %, classifier.references 0 %" in page
    assert "3 ended" in page


def test_the_verdict_stands_in_words_with_batteries_power_and_what_would_decide_it(client, house):
    page = read(client, house, "ann", page_of(house.tried))
    assert "These batteries could not tell." in page
    assert "number 1 of this recipe, so judged at level 2.50%" in page
    assert page.count("With 20 records and 2 retrained references an excess below") == 1
    assert "What would decide it" in page
    assert re.search(r"about \d+ planted ones: every second is unlearned", page)
    assert "press the weights to nothing" in page
    assert "11 of 20 (32% to 77%)" in page


def test_what_was_measured_on_retrained_models_stays_off_the_page(client, house):
    page = read(client, house, "auditor", page_of(house.tried))
    assert "20 of 20" not in page and "10 of 20" not in page


def test_a_trial_under_way_shows_its_jobs_and_their_progress(client, house):
    page = read(client, house, "operator", page_of(house.trying))
    assert "Under way" in page and "12 of 30 steps" in page
    told = client.get(reverse("console:qualification_progress", args=[house.trying.ref])).json()
    assert (told["live"], [job["percent"] for job in told["jobs"]]) == (True, [40, 0])
    conclude_without(house.trying, "Its job ended without a result.")
    after = client.get(reverse("console:qualification_progress", args=[house.trying.ref])).json()
    assert not after["live"] and after["state"] != told["state"]
    assert "nothing was attacked. Another trial is judged at half the level." in text_of(
        client.get(page_of(house.trying))
    )


@pytest.mark.parametrize("who", sorted(BEGIN))
def test_an_officer_or_an_operator_begins_a_trial_and_is_led_to_it(client, house, who):
    assert "Qualify a recipe" in read(client, house, who, "/console/qualifications/")
    answer = client.post(reverse("console:qualify"), answers(house), follow=True)
    run = QualificationRun.objects.latest("id")
    assert answer.redirect_chain == [(page_of(run), 302)]
    assert "Done: the trial is fixed and begun." in text_of(answer)
    assert (run.begun_by, run.body["attempt"]) == (house.people[who], 3)
    assert Job.objects.filter(thread=run.ref, status="queued").exists()


@pytest.mark.parametrize("who", [*sorted(places.ALL - BEGIN), "stranger"])
def test_nobody_else_is_offered_or_granted_a_trial(client, house, who):
    assert "Qualify a recipe" not in read(client, house, who, "/console/qualifications/")
    before = QualificationRun.objects.count()
    assert client.post(reverse("console:qualify"), answers(house)).status_code == 403
    assert QualificationRun.objects.count() == before


def test_beginning_one_without_the_csrf_token_is_refused(house):
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(house.people["officer"])
    before = QualificationRun.objects.count()
    assert careful.post(reverse("console:qualify"), answers(house)).status_code == 403
    assert QualificationRun.objects.count() == before


def test_what_does_not_fit_is_said_and_the_answers_stay(client, house):
    client.force_login(house.people["operator"])
    before = QualificationRun.objects.count()
    for change, words in (
        ({"public": ""}, "Nobody answers for these rows yet."),
        ({"policy": ""}, "is empty"),
        ({"policy": house.policy.ref}, "names no method of unlearning"),
        ({"snapshot": house.tried.holdout.ref}, "Nothing was changed."),
        ({"model": "mdl_none"}, "One of them is not there."),
    ):
        answer = client.post(reverse("console:qualify"), answers(house, **change))
        assert answer.status_code in (409, 422), (change, answer.status_code)
        assert words in text_of(answer)
        assert f'value="{house.tried.holdout.ref}" selected' in answer.content.decode()
    assert QualificationRun.objects.count() == before


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ([{"method": "l1_sparse"}, {"method": "scrub"}], "names 2 methods of unlearning one after the other"),
        ({"method": "npo"}, "names a method of unlearning for language models; features are for networks."),
    ],
)
def test_a_ladder_or_a_method_for_texts_is_not_tried_and_the_page_says_which_it_is(client, house, wish, words):
    client.force_login(house.people["operator"])
    before = QualificationRun.objects.count()
    policy = recipe_policy(house, approximate=wish, references_by="fresh")
    answer = client.post(reverse("console:qualify"), answers(house, policy=policy.ref))
    assert answer.status_code == 422
    assert words in text_of(answer) and "Choose a policy that names one method for networks." in text_of(answer)
    assert QualificationRun.objects.count() == before


def test_only_what_fits_is_offered(client, house):
    """Networks, policies that name a method, uploads with planted rows, and rows that nothing here was trained on."""
    client.force_login(house.people["operator"])
    page = client.get(reverse("console:qualify")).content.decode()
    assert "cloud-reader" in page and "tumour-classifier" not in page
    assert house.recipe_policy.ref in page and house.policy.ref not in page
    rows, unseen = house.tried.snapshot.ref, house.tried.holdout.ref
    assert (page.count(f'value="{rows}"'), page.count(f'value="{unseen}"')) == (2, 1)
    assert house.tumour.checkpoints.get(status="released").run.snapshot.ref not in page


def under_qualification(house: World) -> Plan:
    """The plan at the gate, as if its model were a network and its policy leant on trials of a recipe."""
    plan = house.gate_plan
    Plan.objects.filter(pk=plan.pk).update(model=house.clouds, policy=house.recipe_policy)
    return plan


def verification(client: Client, house: World, who: str) -> str:
    return read(client, house, who, reverse("console:verification", args=[house.gate_plan.ref]))


def test_a_plan_whose_policy_leans_on_a_trial_that_did_not_pass_says_so_and_links_it(client, house):
    under_qualification(house)
    page = verification(client, house, "officer")
    assert "In place of references" in page and "did not pass: it is Inconclusive." in page
    raw = client.get(reverse("console:verification", args=[house.gate_plan.ref])).content.decode()
    assert page_of(house.tried) in raw
    link = f"{reverse('console:qualify')}?model={house.clouds.ref}&amp;policy={house.recipe_policy.ref}"
    assert link in raw
    form = client.get(link.replace("&amp;", "&")).content.decode()
    assert f'value="{house.recipe_policy.ref}" selected' in form
    assert "Qualify the recipe" not in verification(client, house, "ann")


def test_a_plan_whose_recipe_was_never_tried_under_its_rules_says_so(client, house):
    under_qualification(house)
    Plan.objects.filter(pk=house.gate_plan.pk).update(policy=recipe_policy(house, margin=0.2))
    page = verification(client, house, "operator")
    assert "were never tried under its rules" in page
    assert "See what was tried" in page and "Qualify the recipe" in page


def test_a_plan_whose_recipe_passed_links_the_trial_and_offers_no_other(client, house):
    under_qualification(house)
    Qualification.make(run=house.trying, outcome="passed", body={"reasons": [], "verdict": None}, digest="sha256:p")
    page = verification(client, house, "officer")
    assert "was tried on public rows and passed" in page and "See the qualification" in page
    assert "Qualify the recipe" not in page


def test_a_plan_with_references_of_its_own_speaks_of_no_trial(client, house):
    assert "In place of references" not in verification(client, house, "officer")


def test_a_job_of_a_trial_leads_to_it_and_the_search_finds_it(client, house):
    client.force_login(house.people["ann"])
    job = Job.objects.filter(thread=house.tried.ref).first()
    assert page_of(house.tried) in client.get(reverse("console:job", args=[job.ref])).content.decode()
    found = client.get(f"/console/search/?s={house.tried.ref[:10]}").content.decode()
    assert page_of(house.tried) in found
