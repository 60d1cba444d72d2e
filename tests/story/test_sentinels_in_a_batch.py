"""What was unlearned without a proof is asked about planted people too, before anybody is asked to approve it."""

from typing import Any

import pytest

from evidence.canonical import canonical_bytes, parse_canonical
from evidence.trust import parse_trust
from evidence.verify import verify_bytes
from governance.audit.models import Entry, Sealed
from governance.errors import GateShut
from governance.intake.packs import install_packs
from governance.jobs import plans
from governance.jobs.models import Job, Plan
from governance.lineage import services as lineage
from governance.lineage.models import Deployment
from governance.operation import stuck
from governance.releases import destruction
from governance.releases.gate import require_open
from governance.reports.bundle import bundle
from governance.reports.trust import trust_document
from governance.verification import arms
from governance.verification.models import SentinelRetest, Verdict
from governance.verification.services import fix_policy
from governance.verification.waiting_verdicts import advance_waiting
from tests.sentinels.club import NETWORK, WIDTH, Club, ask_releases, members
from tests.story.networks import network_policy, quickly
from tests.story.world import table, work

pytestmark = pytest.mark.django_db
# Leaves the weights as they are; presses them to nothing and begins anew.
IDLE = {"method": "finetune", "params": {"epochs": 1, "lr": 1e-7}}
ANEW = {"method": "l1_sparse", "params": {"epochs": 60, "lr": 3e-3, "l1": 5e-2}}


written = arms.attacked


class PlantedClub(Club):
    """Thirty of sixty planted people ask to be erased, and nobody else."""

    def __init__(self, folk: Any, approximate: dict[str, Any]) -> None:
        super().__init__(folk)
        install_packs()
        unseen = lineage.register_dataset(
            name="consenting", feature_width=WIDTH, rows_per_subject=1, actor=self.operator
        )
        holdout = lineage.take_snapshot(
            dataset=unseen, parquet=table(*members(seed=6), who="unseen"), actor=self.operator
        )
        self.model = lineage.register_model(
            name="network", dataset=self.dataset, engine="classifier.train", problem=NETWORK, cap_mu=None,
            cap_delta=None, holdout=holdout, actor=self.operator,
        )  # fmt: skip
        rules = network_policy(approximate, references=1, never_seen=60, utility_floor=0.2)
        self.policy = fix_policy(name="planted", body=rules, actor=self.officer)

    def attacked(self, *, lost: int = 0) -> Plan:
        """Up to where controls and attack have come back, and nothing but the sentinels' test is missing.

        lost: of how many further sets the list is gone once they have joined.
        """
        gone = [self.plant(count=8).ref for _ in range(lost)]
        self.plant(count=60, level=0.002)
        snapshot = self.upload()
        Sealed.objects.filter(case_id__in=gone).delete()
        self.release(self.train(snapshot))
        ask_releases()
        self.ask_as_people_do(self.errand())
        plan = plans.propose(model=self.model, policy=self.policy, actor=self.officer)
        plans.confirm(plan=plan, actor=self.officer)
        work()
        return Plan.objects.get(pk=plan.pk)


@pytest.fixture(autouse=True)
def attack(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that looks past whatever is there: the question is what the sentinels say. Its own tests are elsewhere."""
    passed = {"outcome": "passed", "kind": None, "reasons": [], "attempt": 1}
    monkeypatch.setattr(arms, "attacked", lambda plan, job: written(plan, job) | passed)
    quickly(monkeypatch)


def events(thread: str) -> list[str]:
    leaves = Entry.objects.filter(thread=thread).order_by("seq").values_list("leaf", flat=True)
    return [str(parse_canonical(bytes(leaf))["event"]) for leaf in leaves]


def test_planted_people_that_are_still_known_shut_the_gate_that_the_attack_alone_would_open(folk: Any):
    """A second set, whose list is lost, does not keep the verdict waiting; and nobody takes it for found clean."""
    club = PlantedClub(folk, IDLE)
    plan = club.attacked(lost=1)
    assert plan.route == "approximate"
    assert not plan.jobs.exclude(status=Job.Status.SUCCEEDED).exists()
    assert (plan.status, plan.verdicts.count()) == (Plan.Status.VERIFYING, 0), "it waits for the sentinels' test"
    assert advance_waiting() == 0
    lost = SentinelRetest.objects.get(checkpoint=plan.candidate, outcome="untested")
    gone = f"Nothing called sentinels is sealed in case {lost.sentinels.ref}."
    [told] = [each for each in stuck.findings() if each.ref == lost.sentinels.ref]
    assert plan.ref in told.waiting.why and gone in told.waiting.why and told.waiting.on == "an approver"

    ask_releases()
    asked = SentinelRetest.objects.exclude(pk=lost.pk).get(checkpoint=plan.candidate)
    assert asked.outcome == SentinelRetest.Outcome.RESIDUAL
    assert advance_waiting() == 1 and advance_waiting() == 0
    plan.refresh_from_db()
    verdict = plan.verdicts.get()
    assert (verdict.outcome, plan.status) == (Verdict.Outcome.PASSED, Plan.Status.STOPPED)
    assert {told["retest"]: told["outcome"] for told in verdict.body["sentinels"]} == {
        asked.digest: "residual",
        lost.digest: "untested",
    }
    why = f"Sentinels {lost.sentinels.ref} could not be tested. It could not be asked about: {gone}"
    assert why in verdict.body["reasons"]
    assert lost.sentinels.ref not in {each.ref for each in stuck.findings()}, "the plan itself has stopped"
    assert plan.release is None
    with pytest.raises(GateShut, match="still recognised"):
        require_open(plan.candidate, plan.policy)
    assert "sentinels:alarm" in events(plan.ref)

    plan = plans.climb(plan=plan, actor=club.officer)
    work()
    plan.refresh_from_db()
    assert plan.status == Plan.Status.GATE, "retraining needs no test on planted people first"


def test_planted_people_that_are_forgotten_open_it_and_the_verdict_names_their_test(folk: Any):
    club = PlantedClub(folk, ANEW)
    plan = club.attacked()
    ask_releases()
    advance_waiting()
    plan.refresh_from_db()
    retest = SentinelRetest.objects.get(checkpoint=plan.candidate)
    assert plan.verdicts.get().body["sentinels"] == [
        {"set": retest.sentinels.ref, "outcome": retest.outcome, "retest": retest.digest}
    ]
    # Beginning anew also weakens what is known of those who stay: one draw in five leaves too little of it to say
    # "clean" at this level, and then it is "blind". Neither is an alarm (0026); "clean" has tests of its own.
    assert retest.outcome in {"clean", "blind"}, retest.body
    assert plan.status == Plan.Status.GATE, plan.verdicts.get().body
    assert "sentinels:alarm" not in events(plan.ref)
    club.approve(plan.release)
    assert not Deployment.objects.exists()
    destruction.advance_published()
    destruction.advance_destroying()
    plan.refresh_from_db()
    assert plan.status == Plan.Status.CLOSED
    trust = parse_trust(canonical_bytes(trust_document()))
    assert verify_bytes(bundle(plan=plan), trust=trust).differences == []
