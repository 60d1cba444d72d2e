"""From a person to every checkpoint that learned from them, and not one more."""

import pytest

from evidence.snapshot_form import absence_from_json, head_from_json, presence_from_json
from evidence.snapshots import verify_absence, verify_presence
from governance.errors import Conflict, Invalid
from governance.lineage.models import Checkpoint, Descent
from governance.lineage.selectors import (
    absence_proof,
    affected_checkpoints,
    live_snapshots_of,
    presence_proof,
    records_of,
    rows_of,
)
from governance.lineage.services import add_descendant, snapshot_without
from governance.lineage.snapshots import head_of

pytestmark = pytest.mark.django_db


def touched(ward, number):
    return set(affected_checkpoints(ward.subject(number)))


def linked(ward, parent, kind, snapshot=None):
    child = ward.checkpoint(snapshot=snapshot)
    add_descendant(parent=parent, child=child, kind=kind, actor=ward.actor)
    return child


def without(ward, *numbers):
    records = [record for number in numbers for record in records_of(ward.subject(number))]
    return snapshot_without(snapshot=ward.snapshot, records=records, actor=ward.actor)


def test_a_person_touches_the_model_trained_on_them_and_not_the_other_one(ward):
    mine, other = ward.checkpoint(), ward.checkpoint(ward.other_model, ward.other_snapshot)
    assert touched(ward, 3) == {mine}
    assert touched(ward, 103) == {other}


def test_a_checkpoint_trained_without_the_person_is_not_touched(ward):
    ward.checkpoint(snapshot=without(ward, 3))
    assert touched(ward, 3) == set()
    assert len(touched(ward, 4)) == 1


def test_what_was_finetuned_distilled_or_quantized_from_a_touched_one_is_touched(ward):
    clean = without(ward, 3)
    first = ward.checkpoint()
    second = linked(ward, first, "finetuned_from", clean)
    third = linked(ward, second, "distilled_from", clean)
    fourth = linked(ward, third, "quantized_from", clean)
    assert touched(ward, 3) == {first, second, third, fourth}


@pytest.mark.parametrize("kind", ["unlearned_from", "retrained_replacing"])
def test_an_unlearned_or_retrained_child_is_judged_by_its_own_snapshot(ward, kind):
    old = ward.checkpoint()
    new = linked(ward, old, kind, without(ward, 3))
    assert touched(ward, 3) == {old}
    assert touched(ward, 4) == {old, new}


@pytest.mark.parametrize("status", ["destroyed", "discarded"])
def test_one_that_is_gone_is_left_out_but_what_was_made_from_it_is_not(ward, status):
    gone = ward.checkpoint()
    child = linked(ward, gone, "finetuned_from", without(ward, 3))
    Checkpoint.objects.filter(pk=gone.pk).update(status=status)
    assert touched(ward, 3) == {child}


def test_a_ring_that_got_in_somehow_does_not_hang_the_question(ward):
    first = ward.checkpoint()
    second = linked(ward, first, "finetuned_from")
    Descent.objects.create(parent=second, child=first, kind="finetuned_from")
    assert touched(ward, 3) == {first, second}


def test_a_checkpoint_cannot_come_from_itself(ward):
    first = ward.checkpoint()
    second = linked(ward, first, "finetuned_from")
    third = linked(ward, second, "finetuned_from")
    for parent in (third, second):
        with pytest.raises(Invalid) as caught:
            add_descendant(parent=parent, child=first, kind="finetuned_from", actor=ward.actor)
        assert caught.value.code == "descent_ring"


def test_saying_a_descent_twice_changes_nothing_and_an_unknown_kind_is_refused(ward):
    first, second = ward.checkpoint(), ward.checkpoint()
    for _ in range(2):
        add_descendant(parent=first, child=second, kind="finetuned_from", actor=ward.actor)
    assert Descent.objects.count() == 1
    with pytest.raises(Invalid):
        add_descendant(parent=first, child=second, kind="inspired_by", actor=ward.actor)


def test_the_rows_of_some_people_are_the_rows_of_the_object(ward):
    assert rows_of(ward.snapshot, [ward.subject(9), ward.subject(2)]) == [2, 9]
    assert rows_of(ward.other_snapshot, [ward.subject(9)]) == []
    assert list(live_snapshots_of(ward.subject(9))) == [ward.snapshot]


def test_presence_is_proved_to_someone_who_has_only_the_head(ward):
    proof = presence_proof(ward.snapshot, records_of(ward.subject(5)).get())
    head = head_from_json(proof["head"])
    assert head == head_of(ward.snapshot)
    assert verify_presence(presence_from_json(proof["presence"]), head=head)


def test_absence_is_proved_after_the_person_left_and_fails_against_the_old_head(ward):
    later = without(ward, 5)
    proof = absence_proof(later, records_of(ward.subject(5)).get().rid)
    absence = absence_from_json(proof["absence"])
    assert verify_absence(absence, head=head_from_json(proof["head"]))
    assert not verify_absence(absence, head=head_of(ward.snapshot))


def test_nothing_false_can_be_proved(ward):
    record = records_of(ward.subject(5)).get()
    with pytest.raises(Conflict) as caught:
        absence_proof(ward.snapshot, record.rid)
    assert caught.value.code == "record_present"
    with pytest.raises(Conflict) as caught:
        presence_proof(without(ward, 5), record)
    assert caught.value.code == "record_absent"
