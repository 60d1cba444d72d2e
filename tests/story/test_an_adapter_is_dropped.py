"""An author's rows stand in the adapter of a group: it is dropped, exactly, and the plan says who loses by it."""

from typing import Any

import pytest
from django.conf import settings as house
from django.db import transaction

from evidence.canonical import canonical_bytes
from evidence.case import PART_OPENINGS
from evidence.checks.parts import WEIGHTS
from evidence.container import unpack
from evidence.faults import Fault
from evidence.trust import Trust, parse_trust
from evidence.verify import verify_bytes, verify_members
from governance.audit import fsck, sequencer
from governance.errors import Destroyed
from governance.intake.closing import withdraw
from governance.jobs import plans, services
from governance.jobs.leases import claim
from governance.jobs.models import Certificate, Disposition, Job, Plan
from governance.lineage import services as lineage
from governance.lineage.adapters import by_adapter
from governance.lineage.identifiers import subject_index
from governance.lineage.models import Checkpoint, Subject
from governance.objects.models import PartSalt, StoredObject
from governance.objects.references import held_for_nothing
from governance.releases.withdrawal import advance_withdrawn, withdraw_model
from governance.reports.bundle import bundle, bundle_with_weights, erasure_members
from governance.reports.facts.whole import report_facts
from governance.reports.job_bundle import job_bundle
from governance.reports.pdf import report_pdf
from governance.reports.trust import trust_document
from governance.verification.sealed_runs import opened, runs_to_read
from tests.story.bases import ADAPTER, TUNING, TunedPress
from tests.story.search import files_below, tables, traces
from tests.story.world import run_attempt
from tests.story.writers import NPO, quickly, writer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_store")]
WHO = 2
DROP = {"method": "drop"}
RECORDED, OPENED = "parts that stay, as recorded before the case", "parts that stay, opened on the released file"


class Groups(TunedPress):
    """Six authors in three adapters, two in each."""

    problem = {**TUNING, "adapter": {**ADAPTER, "groups": 3}}


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    quickly(monkeypatch)


def keys() -> Trust:
    return parse_trust(canonical_bytes(trust_document()))


def verified(plan: Plan) -> Any:
    return verify_bytes(bundle(plan=plan), trust=keys())


def test_the_adapter_of_an_author_goes_and_what_stays_is_what_it_was(folk: Any, tmp_path: Any):
    press = Groups(folk, tmp_path)
    policy = press.rules([DROP, NPO])
    first, place = press.first_release(policy)
    press.ask([WHO])
    plan = press.plan(policy)
    assert (plan.body["format"], plan.route) == ("obelus/plan-recipe/4", "approximate")
    step = plan.body["inputs"]["ladder"][0]
    assert (len(step["params"]["adapters"]), len(step["staying"]), step["lost_rows"]) == (1, 2, press.questions)
    assert "Dropping is exact" in plan.body["choice"]["reason"]
    assert plan.status == Plan.Status.GATE, (plan.status, [(j.engine, j.code, j.message) for j in plan.jobs.all()])
    job = plan.jobs.get(engine="language.drop")
    assert job.result["result"]["outputs"]["lost_rows"] == step["lost_rows"]
    body = Certificate.objects.get(checkpoint=plan.candidate).body
    assert (body["rung"], body["dropped"]["adapters"]) == ("retrained", step["params"]["adapters"])

    press.approve(plan.release)
    press.deploy(plan.candidate, place)
    plan = press.destroy(plan)
    assert plan.status == Plan.Status.CLOSED
    assert {found.status for found in plan.dispositions.all()} == {Disposition.Status.UNLEARNED}
    assert traces(press.words_of([WHO]), files_below(house.OBELUS_VAR), tables()) == []
    assert held_for_nothing() == []
    sequencer.catch_up()
    assert fsck.faults() == []
    report = verified(plan)
    assert report.differences == [] and {
        "never-seen rows named beforehand",
        "old weights on the list",
        RECORDED,
    } <= set(report.checked)
    the_file_itself_is_held_against_the_old_record(plan, old=first.object_digest)
    assert report_pdf(plan=plan).startswith(b"%PDF")
    told = report_facts(plan=plan, at=plan.closed_at)
    assert told["choice"]["route"].startswith("Drop the adapters") and "dropped" in told["certificate"]["rung"]

    another_leaves(press, policy, gone=step["params"]["adapters"])


def the_file_itself_is_held_against_the_old_record(plan: Plan, *, old: str) -> None:
    """Whoever has the released weights too opens what was committed to when the old ones were made."""
    members = unpack(bundle_with_weights(plan=plan))
    training = Job.objects.get(weights=old, engine="language.train")
    assert not PartSalt.objects.filter(owner=training.ref).exists()
    assert f"specs/{training.ref}.json" in members, "which rows each adapter learned is held against this"
    assert verify_bytes(job_bundle(job=training), trust=keys()).differences == []
    assert PART_OPENINGS not in erasure_members(plan), "who has no weights gets no salt"
    assert OPENED in verify_members(members, trust=keys()).checked
    with transaction.atomic():
        PartSalt.objects.all().delete()
        with pytest.raises(Destroyed):  # as after these weights went, where another training gave their bytes again
            bundle_with_weights(plan=plan)
        transaction.set_rollback(True)
    file = bytearray(members[WEIGHTS])
    file[-1] ^= 1
    report = verify_members(members | {WEIGHTS: bytes(file)}, trust=keys())
    assert Fault.PARTS in {line.fault for line in report.differences}


def another_leaves(press: Groups, policy: Any, *, gone: list[str]) -> None:
    """Whoever lost by it stands in no adapter any more; of those that stay, the next one can be dropped as well."""
    groups = {number: number_of(number) % 3 for number in range(press.authors) if number != WHO}
    companion = next(number for number, group in groups.items() if f"house_{group}" in gone)
    [request] = press.ask([companion])
    plan = plans.propose(model=press.model, policy=policy, actor=press.officer)
    impossible = plan.body["inputs"]["ladder"][0]
    assert (impossible["params"]["adapters"], plan.body["choice"]["ladder"]) == ([], [1])
    assert "no adapter that is left" in impossible["why_not"]
    plans.discard(plan=plan, actor=press.officer)
    withdraw(request=request, actor=press.officer)
    press.ask([next(number for number, group in groups.items() if f"house_{group}" not in gone)])
    plan = press.confirmed(policy)
    held = claim(plan.jobs.get(engine="language.drop").ref, worker="test")
    run_attempt(held)
    plan.refresh_from_db()
    step = plan.body["inputs"]["ladder"][0]
    assert plan.status == Plan.Status.VERIFYING, [(job.code, job.message) for job in plan.jobs.all()]
    assert len(step["params"]["adapters"]) == len(step["staying"]) == 1 and step["params"]["adapters"] != gone


def number_of(author: int) -> int:
    """The number that a person keeps: it says in which group their rows are."""
    return Subject.objects.get(index=subject_index(writer(author))).pk


def test_a_model_of_one_adapter_goes_back_to_the_very_base(folk: Any, tmp_path: Any):
    press = TunedPress(folk, tmp_path)
    policy = press.rules([DROP])
    press.first_release(policy)
    press.ask([WHO])
    plan = press.plan(policy)
    base = press.base()
    assert plan.body["inputs"]["ladder"][0]["lost_rows"] == (press.authors - 1) * press.questions
    assert plan.candidate.object_digest == base.object_digest
    assert "it is the base itself" in " ".join(Certificate.objects.get(checkpoint=plan.candidate).body["assumptions"])
    # So few rows cannot show that nobody misses what went; the verdict says so instead of passing it.
    assert "useful" in " ".join(plan.verdicts.get().body["reasons"])
    withdraw_model(model=press.model, reason="nothing is left of it", actor=press.officer)
    advance_withdrawn()
    assert StoredObject.objects.get(digest=base.object_digest).status == StoredObject.Status.HELD


def test_when_dropping_is_refused_the_plan_climbs_to_the_next_method_with_all_it_needs(folk: Any, tmp_path: Any):
    press = Groups(folk, tmp_path)
    run = lineage.start_training(model=press.model, snapshot=press.snapshot, actor=press.operator)
    # As if it had been trained: nothing here looks into the weights.
    weights = press.base().object_digest
    Job.objects.filter(run=run).update(status=Job.Status.SUCCEEDED, weights=weights)
    Checkpoint.objects.create(model=press.model, run=run, object_digest=weights, status=Checkpoint.Status.RELEASED)
    press.ask([WHO])
    plan = press.confirmed(press.rules([DROP, NPO]))
    dropping = plan.jobs.get(engine="language.drop")
    assert dropping.spec["params"]["origins"] == {"base": [], "adapters": by_adapter(press.problem, press.snapshot)}
    services.refuse(claim(dropping.ref, worker="test"), code="COPY_ELSEWHERE", message="2 rows say the same.")
    plan.refresh_from_db()
    assert plan.status == Plan.Status.STOPPED
    # That somebody else's rows say the same follows from the erased ones: it is sealed with the case.
    dropping.refresh_from_db()
    assert "COPY" not in dropping.code and "same" not in dropping.message
    [run] = opened(plan, runs_to_read(plan))
    assert (run.method, run.why) == ("drop", "COPY_ELSEWHERE: 2 rows say the same.")
    plans.climb(plan=plan, actor=press.officer)
    spec = plan.jobs.get(engine="language.unlearn").spec
    forget, retain = (spec["manifests"][name]["texts"] for name in ("forget", "retain"))
    assert forget == dropping.spec["manifests"]["forget"]["texts"] and len(forget) == press.questions
    assert sorted(forget + retain) == list(range(press.snapshot.rows))
    assert set(spec["inputs"]) == {"model", "texts", "holdout"} and spec["manifests"]["holdout"]["holdout"]
