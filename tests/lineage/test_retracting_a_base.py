"""A base that turns out to know people of this house: nothing new stands on it, and every request still ends."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.actors import person
from governance.audit.models import Entry, StatusChange
from governance.errors import Conflict, Destroyed, Forbidden, GateShut, Invalid, NotCertifiable
from governance.intake import services as intake
from governance.intake.models import ErasureRequest
from governance.intake.packs import install_packs
from governance.jobs import plans
from governance.jobs.models import Disposition, Job, Plan
from governance.jobs.services import retry_dead
from governance.jobs.submission import submit
from governance.lineage.models import Base, Checkpoint, TrainingRun
from governance.lineage.services import register_base, register_dataset, register_model, start_training, take_snapshot
from governance.objects.models import StoredObject
from governance.objects.references import held_for_nothing
from governance.objects.store import hold, put_folder
from governance.operation import stuck
from governance.releases import retraction
from governance.releases import services as releases
from governance.releases.gate import require_open
from governance.releases.leftovers import remove_leftover_rows
from governance.releases.models import Release
from governance.releases.retraction import advance_retracted, retract_base
from governance.releases.withdrawal import advance_withdrawn, withdraw_model
from governance.verification import arms
from governance.verification.models import Policy
from tests.lineage.packed import packed_file
from tests.lineage.test_texts import EACH, file_of, told

pytestmark = pytest.mark.django_db
WHY = "Our own archive was in its training data."
ADAPTER = {"epochs": 1, "adapter": {"name": "house", "rank": 2, "alpha": 4.0, "targets": ["q_proj"]}}


class Press:
    """A dataset of texts, a base, and a model on it with one checkpoint, as its training job would have left it."""

    def __init__(self, folk: Any, folder: Any) -> None:
        install_packs()
        self.folk, self.folder = folk, folder
        self.operator, self.officer = person(folk.operator, "operator"), person(folk.officer, "privacy_officer")
        self.dataset = register_dataset(name="press", kind="texts", rows_per_subject=EACH, actor=self.operator)
        self.pages = take_snapshot(dataset=self.dataset, parquet=file_of(told()), actor=self.operator)
        self.base = self.registered("small")
        self.model = self.on_base("tuned")
        run = TrainingRun.objects.create(model=self.model, snapshot=self.pages)
        self.first = Checkpoint.objects.create(model=self.model, run=run, object_digest=self.weights())
        self.policy = Policy.make(name="any", version=1, body={}, digest="sha256:" + "0" * 64)

    def registered(self, name: str) -> Base:
        file = packed_file(self.folder / "base.safetensors")
        return register_base(name=name, file=file, source="Nobody's", actor=self.operator)

    def on_base(self, name: str) -> Any:
        asked = {"engine": "language.train", "problem": ADAPTER, "cap_mu": None, "cap_delta": None}
        return register_model(name=name, dataset=self.dataset, base=self.base, actor=self.operator, **asked)

    def weights(self) -> str:
        (self.folder / "tuned").mkdir()
        packed_file(self.folder / "tuned" / "model.safetensors", weights=b"learned!")
        hold(digest := put_folder(self.folder / "tuned", owner="test"))
        return digest

    def retract(self) -> None:
        retract_base(base=self.base, reason=WHY, actor=self.officer)

    def train(self) -> Job:
        return Job.objects.get(run=start_training(model=self.model, snapshot=self.pages, actor=self.operator))

    def ask(self) -> ErasureRequest:
        who = told()["subject"][0]
        asked = intake.receive(subject_identifier=who, law="gdpr", actor=self.officer)
        intake.prove_identity(request=asked, method="in_person", actor=self.officer)
        intake.confirm_scope(request=asked, actor=self.officer)
        return asked

    def plan(self, status: str) -> Plan:
        """A plan under way, whose next reference waits for a worker."""
        made = {"model": self.model, "source": self.first, "policy": self.policy, "body": {}, "digest": "x"}
        plan = Plan.objects.create(**made, status=status, new_snapshot=self.pages)
        Disposition.objects.filter(checkpoint=self.first).update(plan=plan, status="planned")
        ErasureRequest.objects.filter(dispositions__plan=plan).update(status="in_progress")
        return plan

    def reference(self, plan: Plan) -> Job:
        inputs = {"base": self.base.object_digest}
        more = {"inputs": inputs, "plan": plan, "purpose": "reference", "actor": self.operator}
        return submit(engine="noop", params={"steps": 1}, **more)


@pytest.fixture
def press(folk: Any, tmp_path: Any) -> Press:
    return Press(folk, tmp_path)


def code_of(error: type[Exception], what: Callable[[], object]) -> str:
    with pytest.raises(error) as refusal:
        what()
    assert refusal.value.remedy or refusal.value.code == "person_needed"  # type: ignore[attr-defined]
    return str(refusal.value.code)  # type: ignore[attr-defined]


def test_the_trail_says_that_it_was_retracted_and_nobodys_words(press: Press) -> None:
    press.retract()
    leaf = bytes(Entry.objects.get(thread=press.base.ref, event="base:retracted").leaf).decode()
    assert "archive" not in leaf and press.base.ref in leaf
    assert StatusChange.objects.get(ref=press.base.ref).reason == WHY
    assert Base.objects.get().status == "retracted"


def test_it_needs_a_person_and_a_reason_and_happens_once(press: Press) -> None:
    from governance.actors import SYSTEM

    again = {"base": press.base, "actor": press.officer}
    assert code_of(Forbidden, lambda: retract_base(base=press.base, reason=WHY, actor=SYSTEM)) == "person_needed"
    for odd in ("", " ", "x" * 201):
        assert code_of(Invalid, lambda why=odd: retract_base(reason=why, **again)) == "reason_missing"  # type: ignore[misc]
    press.retract()
    assert code_of(Conflict, lambda: retract_base(reason=WHY, **again)) == "already_retracted"


def test_nothing_new_stands_on_it_and_each_refusal_says_what_to_do(press: Press) -> None:
    press.ask()
    dead = press.reference(press.plan("verifying"))
    Plan.objects.update(status="closed")
    Job.objects.update(status="dead")
    Disposition.objects.update(status="open", plan=None)
    press.retract()
    refusals = [
        lambda: press.on_base("another"),
        press.train,
        lambda: plans.propose(model=press.model, policy=press.policy, actor=press.officer),
        lambda: retry_dead(dead.ref, actor=press.operator),
        lambda: press.registered("under another name"),
    ]
    assert {code_of(NotCertifiable, what) for what in refusals} == {"base_retracted"}
    with pytest.raises(GateShut, match="was retracted: people of this house are in it"):
        require_open(press.first, press.policy)


def test_what_waits_for_a_worker_is_cancelled_and_the_plan_that_waits_for_it_stops(press: Press) -> None:
    training, plan = press.train(), press.plan("verifying")
    reference = press.reference(plan)
    press.retract()
    assert set(Job.objects.filter(pk__in=[training.pk, reference.pk]).values_list("status", flat=True)) == {"cancelled"}
    plan.refresh_from_db()
    assert plan.status == "stopped"
    assert code_of(NotCertifiable, lambda: plans.climb(plan=plan, actor=press.officer)) == "base_retracted"
    assert code_of(NotCertifiable, lambda: plans.climb_to_the_top(plan=plan, actor=press.officer)) == "base_retracted"


def test_a_job_that_ends_just_then_and_what_it_began_do_not_hold_it_up(press: Press, monkeypatch: Any) -> None:
    plan = press.plan("verifying")
    first, begun, found = press.reference(plan), [], retraction.starting_from

    def then_it_ended(base: Base) -> list[Job]:
        listed = found(base)
        if not begun:
            Job.objects.filter(pk=first.pk).update(status="succeeded")
            begun.append(press.reference(plan))
        return listed

    monkeypatch.setattr(retraction, "starting_from", then_it_ended)
    press.retract()
    begun[0].refresh_from_db()
    plan.refresh_from_db()
    assert (begun[0].status, plan.status, Base.objects.get().status) == ("cancelled", "stopped", "retracted")


@pytest.mark.slow
def test_a_candidate_that_comes_back_afterwards_is_not_tested_and_its_plan_stops(press: Press) -> None:
    plan = press.plan("verifying")
    press.retract()
    arms.begin(plan)
    plan.refresh_from_db()
    assert plan.status == "stopped" and not plan.jobs.exists()
    assert "retracted: withdraw the model" in next(f for f in stuck.findings() if f.ref == plan.ref).waiting.why


@pytest.mark.slow
def test_a_release_that_is_not_out_yet_is_taken_back_and_its_plan_stops(press: Press) -> None:
    plan = press.plan("gate")
    made = {"checkpoint": press.first, "plan": plan, "policy": press.policy, "approval_digest": "x"}
    release = Release.objects.create(**made, proposer=press.folk.officer, status="approved")
    press.retract()
    release.refresh_from_db()
    plan.refresh_from_db()
    assert (release.status, plan.status) == ("withdrawn", "stopped")
    assert releases.thread_of(release) == plan.ref


def test_a_running_erasure_ends_by_withdrawal_and_with_the_last_model_the_base_goes(press: Press) -> None:
    asked = press.ask()
    press.reference(press.plan("verifying"))
    press.retract()
    assert advance_retracted() == 0, "a model still stands on it"
    named = {found.ref: found for found in stuck.findings()}[press.model.ref]
    assert "withdraw the model" in named.waiting.why and named.command.endswith(f"{press.model.ref}/withdraw")
    withdraw_model(model=press.model, reason="Its base was retracted.", actor=press.officer)
    listed = Base.objects.get()  # by another tick, just before
    for chore in (advance_withdrawn, advance_withdrawn, advance_retracted, remove_leftover_rows):
        chore()
    assert retraction.end(listed) == 0
    asked.refresh_from_db()
    assert asked.status == "fulfilled"
    assert (Base.objects.get().status, held_for_nothing()) == ("destroyed", [])
    assert StoredObject.objects.get(digest=press.base.object_digest).status == "destroyed"
    assert Entry.objects.filter(thread=press.base.ref, event="base:destroyed").count() == 1
    assert [found.ref for found in stuck.findings()] == []
    with pytest.raises((NotCertifiable, Destroyed)):
        press.registered("once more")


def test_a_proposal_waits_for_a_retraction_that_is_under_way(press: Press) -> None:
    """Else it would stand before the approvers although nothing on this base may be released."""
    press.retract()
    with CaptureQueriesContext(connection) as asked, pytest.raises(GateShut):
        releases.propose(checkpoint=press.first, policy=press.policy, actor=press.operator)
    said = [query["sql"] for query in asked if '"lineage_base"' in query["sql"]]
    assert said and said[0].endswith("FOR UPDATE")


def test_by_the_command_only_approvers_and_privacy_officers_may(press: Press, capsys: Any) -> None:
    folk, told = press.folk, ["retract_base", press.base.ref, "--reason", WHY, "--as"]
    for user in (folk.operator, folk.auditor, folk.stranger):
        with pytest.raises(CommandError, match="approver or privacy officer"):
            call_command(*told, user.username)
    with pytest.raises(CommandError, match="No base has the reference"):
        call_command("retract_base", "base_0", "--reason", WHY, "--as", folk.approver.username)
    assert Base.objects.get().status == "registered"
    call_command(*told, folk.approver.username)
    assert Base.objects.get().status == "retracted" and press.base.ref in capsys.readouterr().out
    with pytest.raises(CommandError, match="was retracted before"):
        call_command(*told, folk.officer.username)
