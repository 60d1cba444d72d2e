"""From a proved identity to the end of a request: every checkpoint accounted for, or an honest refusal."""

import pytest
from django.utils import timezone

from governance.audit.models import Entry, Thread
from governance.audit.sealing import unseal
from governance.errors import Conflict, Forbidden, IllegalMove, Invalid
from governance.intake.models import ErasureRequest
from governance.intake.services import confirm_scope, fulfil_if_done, refuse, remove_records, withdraw
from governance.jobs.models import Disposition, Plan
from governance.lineage.models import Checkpoint
from governance.lineage.selectors import live_snapshots_of, records_of
from governance.lineage.services import forget, remove_rows
from governance.verification.models import Policy

pytestmark = pytest.mark.django_db


def planned(ward, request, **fields):
    """A plan over the request's dispositions, as the planner leaves it."""
    policy, _ = Policy.objects.get_or_create(name="p", digest="sha256:0", version=1, defaults={"body": {}})
    source = request.dispositions.get().checkpoint
    plan = Plan.objects.create(
        model=ward.model, source=source, policy=policy, body={}, digest="sha256:1", route="retrain", **fields
    )
    request.dispositions.update(plan=plan, status="planned")
    return plan


def finish(ward, plan, officer):
    """What carrying a plan out comes to: old weights gone, dispositions ended, the person's rows destroyed."""
    Checkpoint.objects.filter(pk=plan.source_id).update(status="destroyed")
    plan.dispositions.update(status="retrained")
    subject = plan.dispositions.first().request.subject
    remove_rows(subject=subject, at=timezone.now(), thread=plan.ref, actor=officer)


def test_scope_opens_one_disposition_for_each_checkpoint_touched(ward, cases, officer):
    mine = {ward.checkpoint(), ward.checkpoint()}
    ward.checkpoint(ward.other_model, ward.other_snapshot)
    request = cases.identified(3)
    made = confirm_scope(request=request, actor=officer)
    assert {each.checkpoint for each in made} == mine
    assert request.status == "scoped" and request.subject == ward.subject(3)
    with pytest.raises(IllegalMove):
        confirm_scope(request=request, actor=officer)


def test_an_unknown_person_is_told_so_only_after_identity_and_nothing_changes(ward, cases, officer):
    request = cases.identified(777)
    entries = Entry.objects.count()
    with pytest.raises(Invalid) as caught:
        confirm_scope(request=request, actor=officer)
    assert caught.value.code == "unknown_subject"
    request.refresh_from_db()
    assert (request.status, request.subject, Entry.objects.count()) == ("identified", None, entries)
    refuse(request=request, ground="no_data_held", reason="We looked and hold nothing about you.", actor=officer)


def test_a_person_erased_before_is_a_conflict_and_can_be_answered(ward, cases, officer):
    request = cases.identified(3)
    forget(records=list(records_of(ward.subject(3))), at=timezone.now())
    with pytest.raises(Conflict) as caught:
        confirm_scope(request=request, actor=officer)
    assert caught.value.code == "already_erased"
    refuse(request=request, ground="already_erased", reason="Erased last week.", actor=officer)


def test_a_strangers_request_never_stands_in_the_way_of_the_person(ward, cases, officer):
    ward.checkpoint()
    cases.received(3), cases.identified(3)
    assert cases.scoped(3).dispositions.count() == 1


def test_a_second_request_joins_the_plan_that_the_first_began(ward, cases, officer):
    ward.checkpoint()
    first = cases.scoped(3)
    plan = planned(ward, first, status="unlearning")
    ErasureRequest.objects.filter(pk=first.pk).update(status="in_progress")
    second = cases.scoped(3)
    assert second.dispositions.get().plan == plan and second.dispositions.get().status == "planned"
    second.refresh_from_db()
    assert second.status == "in_progress"
    finish(ward, plan, officer)
    for request in (first, second):
        assert fulfil_if_done(request=request, actor=officer)
        request.refresh_from_db()
        assert request.status == "fulfilled"


@pytest.mark.parametrize("status", ["closed", "discarded"])
def test_a_plan_that_has_ended_is_not_joined(ward, cases, officer, status):
    ward.checkpoint()
    planned(ward, cases.scoped(3), status=status)
    assert cases.scoped(3).dispositions.get().status == "open"


def test_another_persons_plan_is_not_joined(ward, cases, officer):
    ward.checkpoint()
    planned(ward, cases.scoped(3), status="unlearning")
    assert cases.scoped(4).dispositions.get().plan is None


def test_a_request_is_fulfilled_only_when_nothing_of_the_person_is_left(ward, cases, officer):
    checkpoint = ward.checkpoint()
    request = cases.scoped(3)
    assert not fulfil_if_done(request=request, actor=officer)
    plan = planned(ward, request)
    plan.dispositions.update(status="retrained")
    assert not fulfil_if_done(request=request, actor=officer), "the old weights are still there"
    Checkpoint.objects.filter(pk=checkpoint.pk).update(status="destroyed")
    assert not fulfil_if_done(request=request, actor=officer), "the snapshot still holds the rows"
    finish(ward, plan, officer)
    assert fulfil_if_done(request=request, actor=officer)
    request.refresh_from_db()
    assert request.status == "fulfilled" and request.closed_at is not None
    assert Thread.objects.get(ref=request.ref).closed
    leaf = bytes(Entry.objects.get(thread=request.ref, event="request:fulfilled").leaf)
    assert f'"plans":["{plan.ref}"]'.encode() in leaf
    assert not fulfil_if_done(request=request, actor=officer), "it can end only once"


def test_a_checkpoint_that_came_up_later_holds_the_request_open(ward, cases, officer):
    under_way = ward.training()
    request = cases.scoped(3)
    late = ward.recorded(under_way)
    assert not fulfil_if_done(request=request, actor=officer)
    assert request.dispositions.get().checkpoint == late


def test_where_no_model_learned_from_the_person_removing_the_records_is_enough(ward, cases, officer):
    request = cases.scoped(3)
    assert not request.dispositions.exists()
    assert not fulfil_if_done(request=request, actor=officer)
    assert remove_records(request=request, actor=officer)
    request.refresh_from_db()
    assert request.status == "fulfilled" and not live_snapshots_of(request.subject).exists()


def test_records_are_not_removed_before_scope_nor_behind_a_models_back(ward, cases, officer):
    with pytest.raises(Conflict) as caught:
        remove_records(request=cases.identified(3), actor=officer)
    assert caught.value.code == "scope_needed"
    ward.checkpoint()
    with pytest.raises(Conflict) as caught:
        remove_records(request=cases.scoped(3), actor=officer)
    assert caught.value.code == "models_affected"


def test_a_refusal_needs_a_ground_of_the_list_and_a_reason(ward, cases, officer):
    request = cases.identified(3)
    with pytest.raises(Invalid) as caught:
        refuse(request=request, ground="too much work", reason="x", actor=officer)
    assert caught.value.code == "unknown_ground"
    with pytest.raises(Invalid) as caught:
        refuse(request=request, ground="legal_claims", reason=" ", actor=officer)
    assert caught.value.code == "reason_missing"


def test_the_reason_is_sealed_and_the_trail_names_the_ground_only(ward, cases, officer):
    request = cases.identified(3)
    refuse(request=request, ground="legal_claims", reason="Mr Three sues us.", actor=officer)
    assert request.status == "refused" and request.refusal_ground == "legal_claims"
    assert unseal(request.ref, "refusal")["reason"] == "Mr Three sues us."
    leaves = b"".join(bytes(leaf) for leaf in Entry.objects.values_list("leaf", flat=True))
    assert b'"ground":"legal_claims"' in leaves and b"sues" not in leaves
    assert Thread.objects.get(ref=request.ref).closed


@pytest.mark.parametrize("ground", ["no_data_held", "already_erased", "research"])
def test_before_identity_is_proved_no_refusal_may_tell_what_is_held(ward, cases, officer, ground):
    with pytest.raises(Invalid) as caught:
        refuse(request=cases.received(3), ground=ground, reason="x", actor=officer)
    assert caught.value.code == "ground_not_now"


def test_identity_not_proved_is_a_ground_only_while_it_is_not(ward, cases, officer):
    refuse(request=cases.received(3), ground="identity_not_proved", reason="No code came back.", actor=officer)
    with pytest.raises(Invalid):
        refuse(request=cases.identified(3), ground="identity_not_proved", reason="x", actor=officer)


def test_a_machine_may_not_refuse(ward, cases, client_actor):
    with pytest.raises(Forbidden):
        refuse(request=cases.received(3), ground="excessive", reason="x", actor=client_actor)


def test_a_request_taken_back_drops_what_was_only_decided(ward, cases, client_actor):
    ward.checkpoint()
    request = cases.scoped(3)
    withdraw(request=request, actor=client_actor)
    assert request.status == "withdrawn" and not Disposition.objects.exists()
    assert Thread.objects.get(ref=request.ref).closed


def test_a_request_in_a_plan_cannot_be_taken_back(ward, cases, officer):
    ward.checkpoint()
    request = cases.scoped(3)
    planned(ward, request)
    with pytest.raises(Conflict) as caught:
        withdraw(request=request, actor=officer)
    assert caught.value.code == "already_planned"
