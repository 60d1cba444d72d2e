"""A network has no ledger: a policy may wish to try without a proof, and only an attack that passed releases that."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from evidence.canonical import canonical_bytes, parse_canonical
from evidence.trust import parse_trust
from evidence.verify import verify_bytes
from governance.actors import person
from governance.audit import fsck, sequencer
from governance.audit.models import Entry
from governance.errors import Conflict, GateShut, Invalid
from governance.intake.models import ErasureRequest
from governance.jobs import plans
from governance.jobs.models import Attempt, Certificate, Disposition, Job, Plan
from governance.jobs.submission import submit
from governance.lineage.models import Checkpoint, Deployment
from governance.objects.models import StoredObject
from governance.people.models import User
from governance.releases import deadlines
from governance.releases.gate import require_open
from governance.reports.bundle import bundle
from governance.reports.pdf import report_pdf
from governance.reports.trust import trust_document
from governance.verification import alarms
from governance.verification.models import Verdict
from governance.verification.selectors import costs_of, what_would_decide
from tests.story.networks import MIDDLING, PROBLEM, STRONG, WEAK, WIDTH, NetworkClinic, quickly
from tests.story.standing import Standing
from tests.story.world import work

pytestmark = pytest.mark.django_db
PRICED = {"row_epoch_s": 0.01, "unlearn_row_epoch_s": 0.001}


@pytest.fixture
def clinic(
    standing_network: Standing[NetworkClinic], db: None, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> NetworkClinic:
    quickly(monkeypatch)
    return standing_network.as_built(settings, tmp_path)


def reference_jobs(plan: Plan) -> list[Job]:
    return list(plan.jobs.filter(purpose=Job.Purpose.REFERENCE).order_by("id"))


def verified(plan: Plan) -> Any:
    return verify_bytes(bundle(plan=plan), trust=parse_trust(canonical_bytes(trust_document())))


def test_a_method_that_hardly_touches_the_model_fails_climbs_and_is_retrained(clinic: NetworkClinic):
    plan = clinic.asked(clinic.rules(WEAK))
    assert (plan.route, plan.status) == ("approximate", Plan.Status.STOPPED)
    assert plan.verdicts.get().outcome == Verdict.Outcome.RESIDUAL
    assert plan.release is None
    with pytest.raises(GateShut, match="residual"):
        require_open(plan.candidate, plan.policy)
    with pytest.raises(Conflict) as refusal:
        alarms.clear(plan=plan, finding="Nothing to see.", actor=person(clinic.folk.both, "privacy_officer"))
    assert refusal.value.code == "attack_decides"
    weak, first = plan.candidate, reference_jobs(plan)

    plan = plans.climb(plan=plan, actor=clinic.officer)
    work()
    plan = Plan.objects.get(pk=plan.pk)
    assert plan.status == Plan.Status.GATE, [job.message for job in plan.jobs.all()]
    verdict = plan.verdicts.latest("id")
    assert verdict.outcome != Verdict.Outcome.RESIDUAL
    assert not any("Retrain" in way for way in verdict.body.get("decides", [])), "it was retrained"
    assert Certificate.objects.get(checkpoint=plan.candidate).rung == "retrained"
    assert Certificate.objects.get(checkpoint=weak).voided_at is not None
    used = [
        job.spec["inputs"]["references"]["digest"] for job in plan.jobs.filter(engine="verify.network").order_by("id")
    ]
    own = [job.weights for job in reference_jobs(plan)]
    assert used == own and len(set(own)) == 2, "references are never used for a second candidate"

    clinic.approve(plan.release)
    clinic.deploy(plan.candidate, Deployment.objects.get())
    plan = clinic.destroy(plan)
    assert plan.status == Plan.Status.CLOSED
    assert {d.status for d in plan.dispositions.all()} == {Disposition.Status.RETRAINED}
    assert Checkpoint.objects.get(pk=weak.pk).status == Checkpoint.Status.DESTROYED
    gone = {*first, *reference_jobs(plan)}
    assert {StoredObject.objects.get(digest=job.weights).status for job in gone} == {StoredObject.Status.DESTROYED}
    assert verified(plan).differences == []


def page(client: Client, user: User, plan: Plan) -> str:
    client.force_login(user)
    answer = client.get(reverse("console:plan", args=[plan.ref]))
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def released(clinic: NetworkClinic) -> Plan:
    """A method that presses the old weights to nothing first, on records enough to tell."""
    plan = clinic.asked(clinic.rules(STRONG, prices=PRICED))
    assert plan.status == Plan.Status.GATE, (plan.verdicts.get().body, [job.message for job in plan.jobs.all()])
    clinic.approve(plan.release)
    clinic.deploy(plan.candidate, Deployment.objects.get())
    return clinic.destroy(plan)


def test_a_method_that_forgets_passes_and_its_claim_has_a_battery_and_no_number(
    clinic: NetworkClinic, released: Plan, client: Client
):
    assert released.status == Plan.Status.CLOSED
    assert released.verdicts.get().outcome == Verdict.Outcome.PASSED
    assert {d.status for d in released.dispositions.all()} == {Disposition.Status.UNLEARNED}
    assert {r.status for r in ErasureRequest.objects.all()} == {ErasureRequest.Status.FULFILLED}
    body = Certificate.objects.get(checkpoint=released.candidate).body
    assert (body["rung"], body["method"]) == ("unlearned_approximately", "l1_sparse")
    assert body["battery"]["budgets"] == [0.0, 0.05] and body["battery"]["references"] == 3
    assert {number for name in ("a", "b", "b_before") for number in body[name].values()} == {None}
    assert "It is no proof." in body["limits"][0]

    # What was made for the verdict is gone, the sealed numbers with it, and the log is sound.
    references = reference_jobs(released)
    assert [job.engine for job in references] == ["classifier.references"]
    assert StoredObject.objects.get(digest=references[0].weights).status == StoredObject.Status.DESTROYED
    kinds = set(released.destruction.values_list("kind", flat=True))
    assert {"weights", "snapshot", "reference", "measurements", "job_folder"} <= kinds
    sequencer.catch_up()
    assert fsck.faults() == []

    # Every attempt was logged before it began, the attack's among them.
    attack = released.jobs.get(engine="verify.network")
    assert attack.result["result"]["outputs"]["references"] == 3
    assert released.verdicts.get().body["attempt"] == 1
    assert Attempt.objects.filter(job=attack).count() == 1
    opened = attack.result["open"]["measurements"]
    assert {line["arm"] for line in opened} <= {"A", "C", "E"}
    assert [line["name"] for line in opened if line["arm"] == "A"] == ["utility.accuracy"], "deleted rows are sealed"

    assert verified(released).differences == []
    assert report_pdf(plan=released).startswith(b"%PDF")
    assert "let an attack decide" in page(client, clinic.folk.auditor, released)


def test_an_unsure_verdict_shuts_the_gate_and_says_what_would_decide_it_and_its_cost(
    clinic: NetworkClinic, client: Client
):
    search = {"transfer": "original", "low": -20.0, "high": 20.0, "frozen": [0]}
    plan = clinic.asked(clinic.rules(MIDDLING, prices=PRICED, **search), numbers=range(8))
    attack = plan.jobs.get(engine="verify.network").spec["params"]
    assert {name: attack[name] for name in search} == search
    assert plan.certificates.get().body["battery"].items() >= search.items()
    assert {found["name"] for found in plan.verdicts.get().body["batteries"]} == {
        "uma.linf.label_only",
        "uma.linf.label_only.transfer",
    }
    assert plan.body["choice"]["route"] == "approximate"
    assert plan.verdicts.get().outcome == Verdict.Outcome.INCONCLUSIVE
    assert plan.status == Plan.Status.STOPPED
    with pytest.raises(GateShut, match="only when an attack"):
        require_open(plan.candidate, plan.policy)
    shown = page(client, clinic.folk.both, plan)
    assert "Nothing but an attack that passed" in shown and "The alarm was false" not in shown
    told = what_would_decide(plan)
    assert told is not None and told["gate"] == "shut"
    assert told["retrain_cost_s"] == plan.body["choice"]["retrain_cost_s"] > 0
    assert any("Retrain without the erased records" in way for way in told["ways"])
    assert any("8 records" in reason for reason in told["reasons"])
    assert costs_of(plan)["references_s"] == 3 * costs_of(plan)["training_s"]

    # A week before the law's date the top of the ladder is proposed for it, as for any plan that waits.
    [request] = {d.request for d in plan.dispositions.all()} - {d.request for d in plan.dispositions.all()[1:]}
    day = date.today() + timedelta(days=6)
    ErasureRequest.objects.filter(pk=request.pk).update(due_on=day)
    assert deadlines.watch_deadlines() == 1
    body = parse_canonical(bytes(Entry.objects.filter(thread=request.ref).latest("id").leaf))["body"]
    assert body["proposal"] == "retrain_or_withdraw"


def test_where_retraining_is_cheaper_it_wins_and_without_a_wish_nothing_else_is_tried(clinic: NetworkClinic):
    clinic.first_release(clinic.rules(STRONG))
    clinic.ask([3])
    dear = clinic.rules(STRONG, prices={"row_epoch_s": 1e-6, "unlearn_row_epoch_s": 1.0})
    plan = plans.propose(model=clinic.model, policy=dear, actor=clinic.officer)
    assert (plan.route, plan.body["format"]) == ("retrain", "obelus/plan-recipe/2")
    plans.discard(plan=plan, actor=clinic.officer)
    plan = plans.propose(model=clinic.model, policy=clinic.rules(None), actor=clinic.officer)
    assert (plan.route, plan.body["format"]) == ("retrain", "obelus/plan-recipe/1")


def test_a_network_must_fit_its_rows_and_may_share_one_constant(clinic: NetworkClinic):
    with pytest.raises(Invalid) as refusal:
        clinic.register("too wide", clinic.snapshot, {**PROBLEM, "shape": [WIDTH + 1]})
    assert refusal.value.code == "wrong_width"
    assert clinic.register("one scale", clinic.snapshot, {**PROBLEM, "scales": [2.0]}).problem["scales"] == [2.0]
    with pytest.raises(Invalid, match="centres holds 2"):
        clinic.register("two centres", clinic.snapshot, {**PROBLEM, "centres": [0.0, 1.0]})


@pytest.mark.parametrize(
    ("approximate", "changes", "said"),
    [
        ({"method": "finetune", "params": {"l1": 0.1}}, {}, "l1"),
        ({"method": "scrub", "params": {"epochs": -1}}, {}, "epochs"),
        (None, {"references_by": "qualification"}, "name one in `approximate`"),
        (None, {"membership": ["ulira"]}, "name one in `approximate`"),
        (WEAK, {"references_by": "qualification", "transfer": "reference"}, "there is no reference"),
    ],
)
def test_a_policy_that_no_plan_could_follow_is_not_fixed(
    clinic: NetworkClinic, approximate: dict[str, Any] | None, changes: dict[str, Any], said: str
):
    with pytest.raises(Invalid, match=said):
        clinic.rules(approximate, **changes)


@pytest.mark.slow
def test_a_second_batch_gets_references_of_its_own_and_the_first_ones_are_gone(clinic: NetworkClinic, released: Plan):
    [first] = reference_jobs(released)
    clinic.ask(list(range(40, 60)))
    plan = clinic.plan(released.policy)
    [second] = reference_jobs(plan)
    spec = plan.jobs.get(engine="verify.network").spec
    inputs = {name: given["digest"] for name, given in spec["inputs"].items()}
    assert inputs["references"] == second.weights != first.weights
    assert StoredObject.objects.get(digest=first.weights).status == StoredObject.Status.DESTROYED
    # Whoever names the first ones by hand gets nothing to compare with; with its own the very same job is taken.
    asked = {"engine": "verify.network", "params": spec["params"], "actor": clinic.officer}
    with pytest.raises(Invalid) as refusal:
        submit(**asked, inputs={**inputs, "references": first.weights}, manifests=spec["manifests"])
    assert refusal.value.code == "input_missing"
    assert submit(**asked, inputs=inputs, manifests=spec["manifests"])
