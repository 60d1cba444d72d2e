"""A recipe is tried once on public rows; then a batch needs no references of its own, for exactly that recipe."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evidence.canonical import canonical_bytes, parse_canonical
from evidence.trust import parse_trust
from evidence.verify import verify_bytes
from governance.actors import TICK, person
from governance.appendonly import AppendOnlyViolation
from governance.audit.models import CaseKey, Entry, Event, Thread
from governance.errors import Conflict, Forbidden, Invalid
from governance.intake import services as intake
from governance.jobs.models import Job, Plan
from governance.jobs.services import cancel
from governance.lineage.models import Deployment
from governance.objects.models import StoredObject
from governance.releases.leftovers import finish
from governance.reports.bundle import bundle
from governance.reports.trust import trust_document
from governance.verification.models import Policy, Qualification, QualificationRun, Verdict
from governance.verification.qualification_results import clear_up
from governance.verification.qualifying import qualify
from governance.verification.recipes import qualification_of, why_not_qualified
from governance.verification.selectors import qualification_words, qualifications, unfinished_runs
from tests.conftest import Folk
from tests.story.networks import PROBLEM, STRONG, WEAK, NoisyClinic, quickly
from tests.story.standing import Standing, built_once
from tests.story.world import work

pytestmark = pytest.mark.django_db
TRAINS, ATTACKS = "classifier.train", "verify.network"


@pytest.fixture(scope="module")
def standing_noise(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Standing[NoisyClinic]]:
    with built_once(lambda: NoisyClinic(Folk()), django_db_blocker, tmp_path_factory) as found:
        yield found


@pytest.fixture
def clinic(
    standing_noise: Standing[NoisyClinic], db: None, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> NoisyClinic:
    quickly(monkeypatch)
    return standing_noise.as_built(settings, tmp_path)


def tried(clinic: NoisyClinic, policy: Policy, *, control: str | None = None) -> QualificationRun:
    rows, unseen = clinic.public()
    asked = {"problem": PROBLEM, "policy": policy, "snapshot": rows, "holdout": unseen}
    return qualify(**asked, actor=clinic.officer, control=control)


def test_a_batch_is_released_on_the_strength_of_a_recipe_that_passed_on_public_rows(clinic: NoisyClinic):
    policy = clinic.qualifying(STRONG)
    run = tried(clinic, policy)
    assert list(unfinished_runs()) == [run]
    work()
    [found] = qualifications()
    assert found.outcome == Qualification.Outcome.PASSED, found.body
    assert found.body["verdict"]["canaries"]["records"] == 40
    jobs = Job.objects.filter(thread=run.ref).order_by("id")
    assert sorted(job.engine for job in jobs) == [
        "classifier.references",
        "classifier.train",
        "classifier.unlearn",
        "verify.network",
    ]
    assert found.body["jobs"] == [job.ref for job in jobs]
    assert list(unfinished_runs()) == []

    # It was begun, done and judged in one trail; what it made is destroyed, and the rows are never touched.
    events = list(Entry.objects.filter(thread=run.ref).order_by("seq").values_list("event", flat=True))
    assert (events[0], events[-1]) == (Event.QUALIFICATION_BEGUN, Event.QUALIFICATION_REACHED)
    assert events.count(Event.ATTEMPT_STARTED) == 4
    assert clear_up() == 1 and clear_up() == 0
    made = StoredObject.objects.filter(digest__in=[job.weights for job in jobs if job.weights])
    assert {row.status for row in made} == {StoredObject.Status.DESTROYED}
    assert Thread.objects.get(ref=run.ref).closed and CaseKey.objects.get(case_ref=run.ref).destroyed_at is not None
    with pytest.raises(AppendOnlyViolation):
        Qualification.objects.filter(pk=found.pk).update(outcome="failed")

    plan = clinic.asked(policy, numbers=clinic.batch)
    assert plan.status == Plan.Status.GATE, plan.verdicts.get().body
    verdict = plan.verdicts.get()
    assert (verdict.outcome, verdict.body["qualification"]) == (Verdict.Outcome.PASSED, found.digest)
    assert any(found.digest in reason for reason in verdict.body["reasons"])
    assert plan.body["inputs"]["references"] == 0
    assert not plan.jobs.filter(purpose=Job.Purpose.REFERENCE).exists()
    clinic.approve(plan.release)
    clinic.deploy(plan.candidate, Deployment.objects.get())
    plan = clinic.destroy(plan)
    report = verify_bytes(bundle(plan=plan), trust=parse_trust(canonical_bytes(trust_document())))
    assert report.differences == []


def test_without_one_that_passed_the_verdict_is_inconclusive_and_says_why(clinic: NoisyClinic):
    policy = clinic.qualifying(STRONG)
    plan = clinic.asked(policy, numbers=clinic.batch)
    verdict = plan.verdicts.get()
    assert (verdict.outcome, plan.status) == (Verdict.Outcome.INCONCLUSIVE, Plan.Status.STOPPED)
    assert verdict.body["qualification"] is None
    assert any("were never tried" in reason for reason in verdict.body["reasons"])


def test_a_recipe_that_does_not_forget_fails_and_qualifies_nothing(clinic: NoisyClinic):
    policy = clinic.qualifying(WEAK)
    run = tried(clinic, policy, control="retrained")
    work()
    found = Qualification.objects.get(run=run)
    assert found.outcome == Qualification.Outcome.FAILED
    assert "did not pass" in qualification_words(clinic.model, policy)
    # Retrained from the model's own seed on all but those rows, and asked the same beside the same references.
    control, attacked = (Job.objects.filter(thread=run.ref, engine=name).latest("id") for name in (TRAINS, ATTACKS))
    kept = sorted(set(range(run.snapshot.rows)) - {*run.body["unlearned"]})
    assert control.spec["manifests"]["retain"]["features"] == kept
    assert attacked.spec["inputs"]["candidate"]["digest"] == control.weights
    assert found.body["control"]["outcome"] == Qualification.Outcome.PASSED, found.body["control"]


def test_nobody_is_told_that_all_is_gone_while_a_trial_works_on_their_rows(clinic: NoisyClinic):
    tried(clinic, clinic.qualifying(WEAK))
    lent = intake.receive(subject_identifier="nobody-003@example.org", law="gdpr", actor=clinic.officer)
    intake.prove_identity(request=lent, method="in_person", actor=clinic.officer)
    intake.confirm_scope(request=lent, actor=clinic.officer)
    with pytest.raises(Conflict) as refusal:
        intake.remove_records(request=lent, actor=clinic.officer)
    assert refusal.value.code == "trial_under_way"
    assert finish(lent) == 0 and not Entry.objects.filter(event=Event.DESTRUCTION_COMPLETED).exists()
    work()
    assert finish(lent) == 0, "its models are still there"
    assert clear_up() == 1
    assert intake.remove_records(request=lent, actor=clinic.officer)


def test_a_job_that_ends_without_a_result_leaves_it_inconclusive(clinic: NoisyClinic):
    policy = clinic.qualifying(STRONG)
    run = tried(clinic, policy)
    first, second = Job.objects.filter(thread=run.ref).order_by("id")
    cancel(first.ref, actor=clinic.operator)
    found = Qualification.objects.get(run=run)
    assert found.outcome == Qualification.Outcome.INCONCLUSIVE
    assert first.ref in found.body["reasons"][0]
    assert clear_up() == 0, "another job may still write to the trail"
    cancel(second.ref, actor=clinic.operator)
    assert clear_up() == 1
    # How often it was tried lowers the level of the next trial.
    again = qualify(problem=PROBLEM, policy=policy, snapshot=run.snapshot, holdout=run.holdout, actor=clinic.officer)
    begun = parse_canonical(bytes(Entry.objects.get(thread=again.ref, seq=0).leaf))["body"]
    assert (again.body["attempt"], begun["attempt"]) == (2, 2)


def passed(run: QualificationRun) -> Qualification:
    """A row as a trial that passed leaves it: what counts here is whom it covers, not how it came about."""
    return Qualification.make(run=run, outcome=Qualification.Outcome.PASSED, body={}, digest="sha256:1")


def test_another_engine_family_method_parameter_or_rule_must_be_tried_anew(clinic: NoisyClinic):
    policy = clinic.qualifying(STRONG)
    assert "never tried" in why_not_qualified(qualification_of(clinic.model, policy))
    passed(tried(clinic, policy))
    assert qualification_words(clinic.model, policy).startswith("Its recipe is qualified")

    moved = {"method": "l1_sparse", "params": {**STRONG["params"], "l1": 1e-3}}
    others = [clinic.qualifying(moved), clinic.qualifying(WEAK), clinic.qualifying(STRONG, steps=20)]
    assert [qualification_of(clinic.model, other) for other in others] == [None, None, None]
    wider = clinic.register("wider", clinic.snapshot, {**PROBLEM, "width": 65})
    longer = clinic.register("longer", clinic.snapshot, {**PROBLEM, "epochs": 121})
    assert qualification_of(wider, policy) is qualification_of(longer, policy) is None
    # Constants of the data and the seed are no part of the family: that is what public rows are for.
    same = clinic.register("same", clinic.snapshot, {**PROBLEM, "scales": [2.0], "seed": 5})
    assert why_not_qualified(qualification_of(same, policy)) == ""
    linear = type(clinic.model)(engine="certified.train", problem={})
    assert qualification_of(linear, policy) is None
    assert "no qualification is needed" in qualification_words(clinic.model, clinic.rules(STRONG))


def test_only_an_officer_or_an_operator_in_person_may_begin_one(clinic: NoisyClinic):
    policy, (rows, unseen) = clinic.qualifying(STRONG), clinic.public()
    asked = {"problem": PROBLEM, "policy": policy, "snapshot": rows, "holdout": unseen}
    folk = clinic.folk
    for actor in (
        *(person(user, "privacy_officer") for user in (folk.stranger, folk.approver, folk.auditor)),
        TICK,
    ):
        with pytest.raises(Forbidden):
            qualify(**asked, actor=actor)
    assert not QualificationRun.objects.exists() and not Job.objects.exists()
    qualify(**asked, actor=clinic.operator)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"policy": None}, "no_method"),
        ({"snapshot": "unseen"}, "bad_holdout"),
        ({"problem": {**PROBLEM, "shape": [3]}}, "wrong_width"),
        ({"snapshot": "plain"}, "no_canaries"),
    ],
)
def test_what_cannot_be_tried_is_refused_before_anything_runs(clinic: NoisyClinic, change: dict[str, Any], code: str):
    rows, unseen = clinic.public()
    places = {"unseen": unseen, "plain": clinic.snapshot}
    asked: dict[str, Any] = {"problem": PROBLEM, "policy": clinic.qualifying(STRONG), "snapshot": rows}
    asked |= {name: places.get(value, value) if isinstance(value, str) else value for name, value in change.items()}
    asked["policy"] = asked["policy"] or clinic.rules(None)
    with pytest.raises(Invalid) as refusal:
        qualify(**asked, holdout=unseen, actor=clinic.officer)
    assert refusal.value.code == code
    assert not Job.objects.exists()
