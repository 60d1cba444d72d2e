"""What one model's list destroys may be another model: nothing living goes, nothing is kept in silence, nobody waits
in a ring."""

import errno
from typing import Any

import pytest
from django.utils import timezone

from evidence.canonical import parse_canonical
from governance.audit import fsck, sequencer
from governance.audit.models import Entry
from governance.console.addresses import page_of
from governance.intake.models import ErasureRequest
from governance.jobs.models import Job, Plan
from governance.jobs.submission import submit
from governance.lineage.models import Checkpoint, Deployment, TrainedModel
from governance.lineage.services import register_foreign_checkpoint
from governance.objects.destruction import discard_pending
from governance.objects.references import held_for_nothing
from governance.objects.store import parts_of, path_of, put_folder
from governance.operation import stuck
from governance.releases import withdrawal
from governance.releases.destruction import advance_destroying, write_down
from governance.releases.withdrawal import advance_withdrawn
from tests.lineage.packed import packed_file
from tests.lineage.test_foreign_checkpoints import ONNX
from tests.lineage.twins import Twins, status_of, there

pytestmark = pytest.mark.django_db
GONE = ("destroyed", False)


@pytest.fixture
def twins(ward: Any, folk: Any, tmp_path: Any) -> Twins:
    return Twins(ward, folk, tmp_path)


def stands(checkpoint: Checkpoint) -> tuple[str, bool]:
    return status_of(checkpoint), there(checkpoint.object_digest)


def waits_for(plan: Plan) -> str:
    """What its list says of the weights."""
    return plan.destruction.get(kind="weights").error


def give_up(*models: TrainedModel) -> None:
    TrainedModel.objects.filter(pk__in=[model.pk for model in models]).update(withdrawn_at=timezone.now())


def body_of(event: str, thread: str) -> dict[str, Any]:
    body: dict[str, Any] = parse_canonical(bytes(Entry.objects.get(thread=thread, event=event).leaf))["body"]
    return body


@pytest.mark.parametrize("status", ["released", pytest.param("candidate", marks=pytest.mark.slow)])
def test_a_living_model_that_learned_from_them_too_is_waited_for_by_name(twins: Twins, status: str) -> None:
    old, other = twins.taught(twins.first), twins.taught(twins.second, status=status)
    twins.ask()
    plan = twins.plan(old)
    advance_destroying()
    assert stands(other) == (status, True) and path_of(other.object_digest).exists()
    assert (status_of(plan), status_of(old)) == ("destroying", "superseded")
    assert twins.second.ref in waits_for(plan) and "erase or withdraw" in waits_for(plan)
    [named] = [found for found in stuck.findings() if found.ref == plan.ref]
    assert twins.second.ref in named.waiting.why and named.waiting.on == "a privacy officer"


@pytest.mark.parametrize("status", ["stopped", pytest.param("published", marks=pytest.mark.slow)])
def test_the_source_of_another_models_unfinished_plan_stays_until_that_plan_destroys_it(
    twins: Twins, status: str
) -> None:
    old, other = twins.taught(twins.first), twins.taught(twins.second)
    asked = twins.ask()
    one, two = twins.plan(old), twins.plan(other, status=status)
    advance_destroying()
    assert stands(other) == ("superseded", True) and status_of(one) == "destroying"
    Plan.objects.filter(pk=two.pk).update(status="destroying")
    advance_destroying()
    advance_destroying()
    assert [status_of(one), status_of(two)] == ["closed", "closed"]
    assert (stands(old), stands(other)) == (GONE, GONE)
    assert ErasureRequest.objects.get(pk=asked.pk).status == "fulfilled"
    assert "kept" not in body_of("destruction:completed", one.ref)


def test_two_models_that_each_hold_what_the_other_destroys_do_not_wait_in_a_ring(twins: Twins) -> None:
    old, other = twins.taught(twins.first), twins.taught(twins.second)
    twins.ask()
    plans = [twins.plan(old), twins.plan(other)]
    advance_destroying()
    advance_destroying()
    assert [status_of(plan) for plan in plans] == ["closed", "closed"]
    assert (stands(old), stands(other), held_for_nothing()) == (GONE, GONE, [])
    sequencer.catch_up()
    assert fsck.faults() == []


def test_a_model_that_never_learned_from_them_keeps_its_weights_and_the_trail_says_so(
    twins: Twins, folk: Any, client: Any
) -> None:
    old, other = twins.taught(twins.first), twins.checkpoint(twins.second, twins.without)
    twins.ask()
    plan = twins.plan(old)
    advance_destroying()
    assert (stands(old), stands(other)) == (("destroyed", True), ("released", True))
    assert status_of(plan) == "closed"
    assert body_of("checkpoint:destroyed", old.ref)["kept_for"] == [other.ref]
    assert body_of("destruction:completed", plan.ref)["kept"] == [old.object_digest]
    client.force_login(folk.auditor)
    assert "the same bytes stay for what never learned from these people" in client.get(page_of(plan)).content.decode()


def test_a_twin_of_unknown_origin_is_waited_for_and_withdrawing_it_ends_the_wait(twins: Twins) -> None:
    """Nobody is counted as in it, so no plan of its own would ever end it; equal bytes say who is."""
    old = twins.taught(twins.first)
    data = packed_file(twins.folder / "bought", weights=b"same....").read_bytes()
    bought = register_foreign_checkpoint(
        name="bought", dataset=None, files={"other-name.bin": data}, gaps=["all"], actor=twins.ward.actor
    )
    assert bought.object_digest != old.object_digest, "the same file of weights in another folder"
    twins.ask()
    plan = twins.plan(old)
    advance_destroying()
    assert (stands(old), stands(bought)) == (("superseded", True), ("candidate", True))
    assert bought.model.ref in waits_for(plan) and "unknown people" in waits_for(plan)
    give_up(bought.model)
    advance_withdrawn()
    advance_destroying()
    assert (stands(old), stands(bought), status_of(plan)) == (GONE, GONE, "closed")
    [file] = parts_of(bought.object_digest).values()
    assert not there(file)


def test_a_file_from_elsewhere_that_is_no_safetensors_is_known_again_as_well(twins: Twins) -> None:
    """Else its folder would be said to be destroyed, and the very file would stay for the other one."""
    taken = {"gaps": ["all"], "actor": twins.ward.actor}
    old, bought = (
        register_foreign_checkpoint(name=name, dataset=home, files={f"{name}.onnx": ONNX}, **taken)
        for name, home in (("first", twins.ward.dataset), ("again", None))
    )
    twins.ask()
    plan = twins.plan(old)
    advance_destroying()
    assert (stands(old), stands(bought)) == (("candidate", True), ("candidate", True))
    assert bought.model.ref in waits_for(plan)
    give_up(bought.model)
    advance_withdrawn()
    advance_destroying()
    assert (stands(old), stands(bought)) == (GONE, GONE) and not there(*parts_of(old.object_digest).values())


@pytest.mark.slow
def test_what_another_model_gave_up_holds_nothing_up(twins: Twins) -> None:
    old, lost = twins.taught(twins.first), twins.taught(twins.second, status="discarded")
    twins.ask()
    plan = twins.plan(old)
    advance_destroying()
    assert (status_of(plan), stands(old), stands(lost)) == ("closed", GONE, ("discarded", False))


@pytest.mark.slow
def test_a_losing_candidate_that_equals_another_living_model_does_not_take_it_along(twins: Twins) -> None:
    old = twins.taught(twins.first, content="old")
    lost = twins.checkpoint(twins.first, twins.without, status="discarded")
    living = twins.checkpoint(twins.second, twins.without)
    twins.ask()
    plan = twins.plan(old)
    write_down(plan, [("candidate", lost.object_digest)])
    advance_destroying()
    assert (status_of(plan), stands(lost), stands(living)) == ("closed", ("destroyed", True), ("released", True))


@pytest.mark.slow
def test_a_reference_that_another_plan_works_with_is_left_to_it(twins: Twins) -> None:
    old, other = twins.taught(twins.first, content="old"), twins.taught(twins.second, content="theirs")
    twins.ask()
    one, two = twins.plan(old), twins.plan(other, status="verifying")
    reference = twins.stored("reference")
    for plan in (one, two):
        made = submit(engine="noop", params={"steps": 1}, plan=plan, purpose="reference", actor=twins.ward.actor)
        Job.objects.filter(pk=made.pk).update(weights=reference, status="succeeded")
    advance_destroying()
    assert one.destruction.get(kind="reference").done_at is not None and there(reference)
    Plan.objects.filter(pk=two.pk).update(status="destroying")
    advance_destroying()
    advance_destroying()
    assert not there(reference) and status_of(two) == "closed"


@pytest.mark.slow
def test_bytes_that_a_job_is_storing_just_now_are_waited_for(twins: Twins) -> None:
    old = twins.taught(twins.first)
    twins.ask()
    plan = twins.plan(old)
    put_folder(twins.folder / "weights-same-model.safetensors", owner="job_of_the_twin", token=1)
    advance_destroying()
    assert "a job that is storing" in waits_for(plan) and there(old.object_digest)
    discard_pending("job_of_the_twin", 1)
    advance_destroying()
    assert (status_of(plan), stands(old)) == ("closed", GONE)


def test_what_a_discarded_plan_made_does_not_take_along_the_served_model_that_it_equals(twins: Twins) -> None:
    """A method that moved nothing gives the old weights, and a withdrawn model's stay until nobody serves them."""
    old = twins.taught(twins.first)
    lost = twins.checkpoint(twins.first, twins.without, status="discarded")
    serving = Deployment.objects.create(model=twins.first, name="clinic", serving=old.object_digest)
    twins.ask()
    plan = twins.plan(old, lost, status="discarded")
    write_down(plan, [("candidate", lost.object_digest)])
    give_up(twins.first)
    for chore in (advance_destroying, advance_withdrawn):
        chore()
    assert stands(old) == ("superseded", True) and plan.destruction.get().error.startswith("Still needed by")
    Deployment.objects.filter(pk=serving.pk).update(serving="")
    for chore in (advance_destroying, advance_withdrawn, advance_destroying):
        chore()
    assert (stands(old), stands(lost)) == (GONE, GONE) and plan.destruction.get().done_at is not None


def test_two_withdrawn_models_with_the_same_bytes_do_not_wait_for_each_other(twins: Twins) -> None:
    points = [twins.taught(model) for model in (twins.first, twins.second)]
    give_up(twins.first, twins.second)
    advance_withdrawn()
    assert [stands(point) for point in points] == [GONE, GONE]


def test_what_the_disk_refuses_of_one_withdrawn_model_does_not_hold_up_the_next(twins: Twins, monkeypatch: Any) -> None:
    stuck_here, free = (twins.taught(model, content=model.name) for model in (twins.first, twins.second))
    give_up(twins.first, twins.second)
    shred = withdrawal.destroy

    def refused(digest: str) -> None:
        if digest == stuck_here.object_digest:
            raise PermissionError(errno.EROFS, "Read-only file system")
        shred(digest)

    monkeypatch.setattr(withdrawal, "destroy", refused)
    advance_withdrawn()
    assert (stands(stuck_here), stands(free)) == (("released", True), GONE)
    monkeypatch.undo()
    advance_withdrawn()
    assert stands(stuck_here) == GONE


def test_a_withdrawn_model_goes_without_the_living_one_that_has_its_bytes(twins: Twins) -> None:
    old, other = twins.taught(twins.first), twins.taught(twins.second)
    asked = twins.ask()
    give_up(twins.first)
    advance_withdrawn()
    assert (stands(old), stands(other)) == (("destroyed", True), ("released", True))
    assert body_of("checkpoint:destroyed", old.ref)["kept_for"] == [other.ref]
    pending = asked.dispositions.filter(status="open").values_list("checkpoint__ref", flat=True)
    assert list(pending) == [other.ref], "the person is still in the other, and is answered by its plan"


@pytest.mark.slow
def test_a_withdrawn_model_waits_for_one_that_nobody_could_be_erased_from_and_says_so(twins: Twins) -> None:
    old = twins.taught(twins.first)
    elsewhere = twins.checkpoint(twins.second, None)
    give_up(twins.first)
    assert advance_withdrawn() == 0 and stands(old) == ("released", True)
    TrainedModel.objects.filter(pk=twins.first.pk).update(withdrawn_at=timezone.now() - 2 * stuck.LATE)
    [named] = [found for found in stuck.findings() if found.ref == twins.first.ref]
    assert elsewhere.model.ref in named.waiting.why
    give_up(twins.second)
    assert advance_withdrawn() == 2 and stands(old) == GONE
