"""An author leaves a language model: a ladder of methods, an attack after each of them, and what passes goes out."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from evidence.canonical import canonical_bytes
from evidence.trust import parse_trust
from evidence.verify import verify_bytes
from governance.audit import fsck, sequencer
from governance.audit.sealing import unseal
from governance.errors import Conflict
from governance.intake.models import ErasureRequest
from governance.jobs import plans
from governance.jobs.leases import claim
from governance.jobs.models import Certificate, Disposition, Plan
from governance.lineage import services as lineage
from governance.lineage.models import Checkpoint
from governance.objects.models import StoredObject
from governance.objects.references import held_for_nothing
from governance.reports.bundle import bundle
from governance.reports.facts.whole import report_facts
from governance.reports.pdf import report_pdf
from governance.reports.trust import trust_document
from governance.verification.models import Verdict
from tests.story.search import files_below, tables, traces
from tests.story.world import run_attempt, work
from tests.story.writers import BATTERY, NPO, RMU, Press, file_of, quickly

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_store")]
WHO = 2


@pytest.fixture
def press(folk: Any, monkeypatch: pytest.MonkeyPatch) -> Press:
    quickly(monkeypatch)
    return Press(folk)


def climbed(press: Press, plan: Plan) -> Plan:
    assert plan.status == Plan.Status.STOPPED, (plan.status, [(job.engine, job.message) for job in plan.jobs.all()])
    plans.climb(plan=plan, actor=press.officer)
    work()
    return Plan.objects.get(pk=plan.pk)


def verified(plan: Plan) -> Any:
    return verify_bytes(bundle(plan=plan), trust=parse_trust(canonical_bytes(trust_document())))


def tried_in_words(plan: Plan) -> str:
    ended = [found.body["outcome"] for found in plan.verdicts.order_by("id")]
    return f"Tried, in this order: NPO ({ended[0]}), RMU ({ended[1]}), retraining ({ended[2]})."


def page(client: Client, user: Any, address: str) -> str:
    client.force_login(user)
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_an_author_leaves_a_language_model_by_a_ladder_whose_top_is_retraining(
    press: Press, client: Client, settings: Any
):
    policy = press.rules([NPO, RMU])
    first, place = press.first_release(policy)
    words = press.words_of([WHO])
    assert traces(words, files_below(settings.OBELUS_VAR / "objects")), "the search finds what is there"
    press.ask([WHO])

    plan = press.plan(policy)
    assert (plan.route, plan.body["format"]) == ("approximate", "obelus/plan-recipe/3")
    assert [step["method"] for step in plan.body["inputs"]["ladder"]] == ["npo", "rmu"]
    assert Certificate.objects.get(checkpoint=plan.candidate).body["battery"]["language"] == BATTERY
    # Four erased rows are too few to show that nothing is left, whatever was measured: the gate stays shut.
    plan = climbed(press, plan)
    tried = [job.spec["params"]["method"] for job in plan.jobs.filter(engine="language.unlearn").order_by("id")]
    assert tried == ["npo", "rmu"]
    # What a run did to the rows to forget, step by step, is sealed with what the attack measures on them.
    runs = plan.jobs.filter(engine="language.unlearn")
    told = {"curves", "steps", "chosen_step", "stopped_because", "reason"}
    assert not any(told & job.result["result"]["outputs"].keys() for job in runs)
    assert all(told <= unseal(plan.ref, f"measurements/{job.ref}").keys() for job in runs)
    assert all((job.step, job.rate) == (job.steps, 0) for job in runs), "where it stopped by itself"
    assert [unseal(plan.ref, f"measurements/{job.ref}")["curves"][0]["step"] for job in runs] == [0, 0]
    plan = climbed(press, plan)
    assert plan.status == Plan.Status.GATE, plan.verdicts.latest("id").body
    assert Certificate.objects.get(checkpoint=plan.candidate).rung == "retrained"
    assert [found.body["attempt"] for found in plan.verdicts.order_by("id")] == [1, 2, 3]
    seeds = [job.spec["params"]["seeds"] for job in plan.jobs.filter(engine="language.references").order_by("id")]
    assert len(sum(seeds, [])) == len(set(sum(seeds, []))), "no candidate meets another's references"

    press.approve(plan.release)
    press.deploy(plan.candidate, place)
    plan = press.destroy(plan)
    assert plan.status == Plan.Status.CLOSED
    assert {request.status for request in ErasureRequest.objects.all()} == {ErasureRequest.Status.FULFILLED}
    lost = [first, *Checkpoint.objects.filter(status=Checkpoint.Status.DISCARDED)]
    assert {StoredObject.objects.get(digest=found.object_digest).status for found in lost} == {
        StoredObject.Status.DESTROYED
    }
    assert traces(words, files_below(settings.OBELUS_VAR), tables()) == []
    assert held_for_nothing() == []
    sequencer.catch_up()
    assert fsck.faults() == []
    assert verified(plan).differences == []
    facts = report_facts(plan=plan, at=plan.closed_at)
    assert facts["choice"]["reason"].endswith(tried_in_words(plan))
    assert facts["battery"]["asked"][0] == "Answer given back word for word, from some of it on"
    assert report_pdf(plan=plan).startswith(b"%PDF")

    # Nobody who looks at the pages or downloads the bundle reads a word of anybody's text.
    stay = press.words_of([n for n in range(press.authors) if n != WHO])
    shown = {
        "bundle": bundle(plan=plan),
        "plan": page(client, press.folk.officer, reverse("console:plan", args=[plan.ref])).encode(),
    }
    assert traces(stay | words, iter(shown.items())) == []


def test_one_method_is_a_ladder_too_and_without_a_wish_for_its_family_it_is_retrained(press: Press):
    press.first_release(press.rules([NPO, RMU]))
    press.ask([WHO])
    found = {}
    for name, wish in {"one": NPO, "other family": {"method": "finetune"}, "none": None}.items():
        plan = plans.propose(model=press.model, policy=press.rules(wish), actor=press.officer)
        found[name] = (plan.route, plan.body["format"].rpartition("/")[2])
        plans.discard(plan=plan, actor=press.officer)
    assert found == {"one": ("approximate", "3"), "other family": ("retrain", "1"), "none": ("retrain", "1")}


@pytest.mark.slow
def test_retraining_is_open_at_once_and_a_refused_method_is_climbed_over(press: Press):
    deep = {"method": "rmu", "params": {"layer": 50, "epochs": 1}}
    policy = press.rules([deep, NPO])
    press.first_release(policy)
    press.ask([WHO])
    plan = plans.confirm(plan=plans.propose(model=press.model, policy=policy, actor=press.officer), actor=press.officer)
    held = claim(plan.jobs.get().ref, worker="test")
    assert held is not None
    run_attempt(held)
    plan = Plan.objects.get(pk=plan.pk)
    assert (plan.status, plan.jobs.get().code) == (Plan.Status.STOPPED, "LAYER_UNKNOWN")
    plan = climbed(press, plan)
    assert plan.candidate.certificate.body["method"] == "npo"
    plan = plans.climb_to_the_top(plan=plan, actor=press.officer)
    work()
    plan = Plan.objects.get(pk=plan.pk)
    assert plan.status == Plan.Status.GATE and plan.candidate.certificate.rung == "retrained"
    with pytest.raises(Conflict, match="not stopped"):
        plans.climb_to_the_top(plan=plan, actor=press.officer)


class House(Press):
    """Twice as many authors, and a model that learned every one of their answers by heart."""

    authors, unseen = 12, 12
    problem = {**Press.problem, "epochs": 60}


@pytest.mark.slow
def test_what_was_unlearned_and_attacked_goes_out_with_a_claim_that_has_no_number(
    folk: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
):
    quickly(monkeypatch)
    house = House(folk)
    thorough = [{"method": "npo", "params": {"epochs": 30}}]
    # So wide a margin that thirty-two rows can show something; nothing else of the judge is loosened.
    policy = house.rules(thorough, margin=0.4, references=3, never_seen=48, utility_floor=0.5)
    _, place = house.first_release(policy)
    asking = list(range(8))
    house.ask(asking)
    plan = house.plan(policy)
    assert plan.verdicts.get().outcome == Verdict.Outcome.PASSED, plan.verdicts.get().body
    body = Certificate.objects.get(checkpoint=plan.candidate).body
    assert (body["rung"], body["method"]) == ("unlearned_approximately", "npo")
    assert body["battery"] == {"language": BATTERY, "references": 3}
    assert {number for name in ("a", "b", "b_before") for number in body[name].values()} == {None}
    assert any("large pre-trained" in limit for limit in body["limits"])
    assert "Its vocabulary was learned from public words and from nobody's rows." in body["assumptions"]
    house.approve(plan.release)
    house.deploy(plan.candidate, place)
    plan = house.destroy(plan)
    assert plan.status == Plan.Status.CLOSED
    assert {found.status for found in plan.dispositions.all()} == {Disposition.Status.UNLEARNED}
    assert traces(house.words_of(asking), files_below(settings.OBELUS_VAR), tables()) == []
    assert verified(plan).differences == []


@pytest.mark.slow
def test_planted_authors_come_with_an_upload_and_are_tested_in_the_open(press: Press):
    home = lineage.register_dataset(
        name="with nobody", kind="texts", rows_per_subject=press.questions, actor=press.operator
    )
    upload = file_of(press.made[: press.authors], planted=1)
    press.snapshot = lineage.take_snapshot(dataset=home, parquet=upload, actor=press.operator)
    press.model = press.registered("with nobody", holdout=press.holdout)
    policy = press.rules([NPO])
    press.first_release(policy)
    press.ask([press.authors - 1])
    plan = press.plan(policy)
    spec = plan.jobs.get(engine="verify.language").spec
    assert spec["manifests"]["canaries"] == spec["manifests"]["forget"]
    assert plan.verdicts.get().body["canaries"]["records"] == press.questions
