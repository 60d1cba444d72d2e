"""A way to forget texts is tried once on texts of nobody; then a batch needs no references of its own."""

from typing import Any

import pytest

from evidence.canonical import canonical_bytes
from evidence.trust import parse_trust
from evidence.verify import verify_bytes
from governance.errors import Invalid
from governance.jobs.models import Job, Plan
from governance.reports.bundle import bundle
from governance.reports.trust import trust_document
from governance.verification import qualification_words as words
from governance.verification.models import Policy, Qualification, QualificationRun, Verdict
from governance.verification.qualification_results import clear_up
from governance.verification.qualifying import qualify
from governance.verification.recipes import qualification_of, recipe_of, why_not_qualified
from tests.story.world import work
from tests.story.writers import PROBLEM, RMU, Lent, quickly

pytestmark = pytest.mark.django_db
# Hardly moves the weights; lets go of every answer.
IDLE = {"method": "npo", "params": {"epochs": 1, "lr": 1e-7, "target": "epochs", "hold": 0}}
THOROUGH = {"method": "simnpo", "params": {"epochs": 40}}


@pytest.fixture
def press(folk: Any, monkeypatch: pytest.MonkeyPatch) -> Lent:
    quickly(monkeypatch)
    return Lent(folk)


class Full(Lent):
    """As many authors as the trial has, and as many of them ask as it unlearned planted ones."""

    authors, unseen = 24, 8


@pytest.fixture
def full(folk: Any, monkeypatch: pytest.MonkeyPatch) -> Full:
    quickly(monkeypatch)
    return Full(folk)


def tried(press: Lent, policy: Policy, *, control: str | None = None) -> QualificationRun:
    rows, unseen = press.public()
    asked = {"problem": press.problem, "policy": policy, "snapshot": rows, "holdout": unseen}
    return qualify(**asked, actor=press.officer, control=control)


def test_a_trial_of_texts_begins_with_the_engines_of_language_models_and_says_so(press: Lent):
    policy = press.qualifying(THOROUGH)
    run = tried(press, policy)
    begun = Job.objects.filter(thread=run.ref)
    assert {job.engine for job in begun} == {"language.train", "language.references"}
    assert all(set(job.spec["inputs"]) == {"texts"} for job in begun)
    recipe = run.body["recipe"]
    assert (run.engine, recipe["method"], recipe["params"]["epochs"]) == ("language.train", "simnpo", 40)
    assert recipe["params"]["template"] == "plain", "prompts are put as in training"
    assert words.family_words(recipe) == "language model, 32 wide, 1 layers"
    assert words.method_words(recipe) == "simnpo: let go of each answer by its length"
    assert len(run.body["unlearned"]) == 8 * press.questions
    assert "control" not in run.body and "not known here" in words.control_words(run, None)
    # It covers models of this very kind: never tried as yet, and other sizes or another vocabulary are another recipe.
    assert "never tried" in why_not_qualified(qualification_of(press.model, policy))
    Qualification.make(run=run, outcome="passed", body={}, digest="sha256:1")
    assert why_not_qualified(qualification_of(press.model, policy)) == ""
    press.model.public_inputs = {"tokenizer": "sha256:2"}
    assert qualification_of(press.model, policy) is None
    assert recipe_of("language.train", {**PROBLEM, "epochs": 60, "seed": 9}, policy) == recipe
    assert recipe_of("language.train", {**PROBLEM, "epochs": 61}, policy) != recipe


def test_what_is_no_one_method_for_texts_is_not_tried_on_them(press: Lent):
    rows, unseen = press.public(kept=1, planted=1, unseen=1)
    for wish, said in ((None, "no method"), ([RMU, RMU], "2 methods"), ({"method": "finetune"}, "for networks")):
        asked = {"problem": press.problem, "snapshot": rows, "holdout": unseen, "actor": press.officer}
        with pytest.raises(Invalid, match=said) as refused:
            qualify(policy=press.rules(wish), **asked)
        assert refused.value.code == "no_method"


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_planted_texts_that_are_still_known_fail_a_recipe_and_it_stands_in_for_nothing(press: Lent):
    policy = press.qualifying(IDLE)
    run = tried(press, policy, control="retrained")
    work()
    found = Qualification.objects.get(run=run)
    assert found.outcome == Qualification.Outcome.FAILED, found.body
    assert found.body["verdict"]["canaries"]["outcome"] == "failed_residual"
    assert found.body["control"]["outcome"] == Qualification.Outcome.PASSED, "the very tests pass what never saw them"
    press.first_release(policy)
    press.ask([2])
    plan = press.plan(policy)
    verdict = plan.verdicts.get()
    assert (verdict.outcome, plan.status) == (Verdict.Outcome.INCONCLUSIVE, Plan.Status.STOPPED)
    assert any("did not pass" in reason for reason in verdict.body["reasons"])


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_batch_of_texts_is_released_on_the_strength_of_a_recipe_that_passed_on_nobodys(full: Full):
    press = full
    policy = press.qualifying(THOROUGH, utility_floor=0.02)
    run = tried(press, policy, control="retrained")
    work()
    found = Qualification.objects.get(run=run)
    assert found.outcome == Qualification.Outcome.PASSED, found.body
    assert sorted(Job.objects.filter(thread=run.ref).values_list("engine", flat=True)) == [
        *("language.references", "language.train", "language.train", "language.unlearn"),
        *("verify.language", "verify.language"),
    ]
    assert found.body["control"]["outcome"] == Qualification.Outcome.PASSED, found.body["control"]
    assert "as they should" in words.control_words(run, found)
    assert words.open_lines(run), "planted texts are nobody's"
    assert clear_up() == 1
    _, place = press.first_release(policy)
    press.ask(list(range(8)))
    plan = press.plan(policy)
    verdict = plan.verdicts.get()
    assert not plan.jobs.filter(purpose=Job.Purpose.REFERENCE).exists()
    assert plan.body["inputs"]["references"] == 0
    assert (verdict.outcome, verdict.body["qualification"]) == (Verdict.Outcome.PASSED, found.digest), verdict.body
    press.approve(plan.release)
    press.deploy(plan.candidate, place)
    plan = press.destroy(plan)
    assert plan.status == Plan.Status.CLOSED
    assert verify_bytes(bundle(plan=plan), trust=parse_trust(canonical_bytes(trust_document()))).differences == []
