"""Which ledgers an attacker with every release holds, and which of them held a person's rows: in doubt, all."""

from types import SimpleNamespace
from typing import Any

import pytest

from governance.jobs.all_models import entry_of
from governance.jobs.lines import Line, last_deletion, lines_holding, lines_of, unknown_descendants
from governance.jobs.models import Certificate, Plan
from governance.lineage.models import Checkpoint, Descent
from governance.lineage.services import add_descendant, register_foreign_checkpoint
from governance.releases.gate import certificate_reasons
from governance.verification.models import Policy
from unlearning.accounting import Deleted, Event, Ledger, Released, Steps, Trained, recommend

pytestmark = pytest.mark.django_db
PROBLEM = recommend(n=20, features=5, classes=2, epsilon=1.0, delta=1e-5).problem
BATCH = "job_" + "1" * 32


def priced(checkpoint: Checkpoint, *events: Event) -> Checkpoint:
    Checkpoint.objects.filter(pk=checkpoint.pk).update(ledger=Ledger(problem=PROBLEM, events=events).to_dict())
    checkpoint.refresh_from_db()
    return checkpoint


def learned(job: str) -> tuple[Event, Event]:
    return Trained(steps=40, job=job), Released(release=f"rel_{job}")


def left() -> tuple[Event, Event]:
    return Deleted(records=1, batch=BATCH), Steps(steps=5, job=BATCH)


def foreign(ward: Any, name: str, dataset: Any = None) -> Checkpoint:
    files = {"model.json": f'{{"learner": {{}}, "version": [2, 0, 0], "name": "{name}"}}'.encode()}
    return register_foreign_checkpoint(name=name, dataset=dataset, files=files, gaps=["how"], actor=ward.actor)


def test_a_deletion_goes_on_with_its_line_and_a_training_from_nothing_begins_another(ward):
    first, second, anew = (ward.checkpoint(weights=name) for name in (b"1", b"2", b"3"))
    priced(first, *learned("a"))
    priced(second, *learned("a"), *left())
    priced(anew, *learned("b"))
    lines = {line.checkpoints for line in lines_of(ward.model)}
    assert lines == {(first, second), (anew,)}
    longest = next(line for line in lines_of(ward.model) if first in line.checkpoints)
    assert longest.document == second.ledger


def test_a_candidate_that_was_dropped_unseen_is_no_line_but_what_was_made_from_it_keeps_it_one(ward):
    dropped = priced(ward.checkpoint(), learned("a")[0])
    Checkpoint.objects.filter(pk=dropped.pk).update(status=Checkpoint.Status.DESTROYED)
    assert lines_of(ward.model) == []
    tuned = foreign(ward, "tuned")
    add_descendant(parent=dropped, child=tuned, kind=Descent.Kind.FINETUNED, actor=ward.actor)
    assert [line.ended for line in lines_of(ward.model)] == [False], "it says later what the line knew"
    Checkpoint.objects.filter(pk=tuned.pk).update(status=Checkpoint.Status.DESTROYED)
    assert [line.ended for line in lines_of(ward.model)] == [True]


def test_a_quantised_copy_that_is_still_there_keeps_a_person_in_a_line_that_deleted_them(ward, monkeypatch):
    source = priced(ward.checkpoint(weights=b"1"), *learned("a"))
    priced(ward.checkpoint(weights=b"2"), *learned("a"), *left())
    line = lines_of(ward.model)[0]
    monkeypatch.setattr("governance.jobs.lines.left_with", lambda job: {ward.subject(3).pk})
    monkeypatch.setattr("governance.jobs.lines.Job.objects.filter", lambda **_: [SimpleNamespace(ref=BATCH)])
    assert last_deletion(line, [ward.subject(3)]) == BATCH
    small = foreign(ward, "small")
    add_descendant(parent=source, child=small, kind=Descent.Kind.QUANTIZED, actor=ward.actor)
    assert last_deletion(line, [ward.subject(3)]) is None
    Checkpoint.objects.filter(pk__in=[each.pk for each in line.checkpoints]).update(status="destroyed")
    assert not lines_of(ward.model)[0].ended


def test_the_rows_of_the_worst_person_are_counted_and_of_all_together(ward):
    line = lines_of(priced(ward.checkpoint(), *learned("a")).model)[0]
    people = [ward.subject(number) for number in (1, 2, 3)]
    assert (line.rows_of(people, together=False), line.rows_of(people, together=True)) == (1, 3)
    assert line.rows_of([], together=True) == 0


def test_only_lines_that_held_the_person_count_and_one_from_elsewhere_counts_for_everyone_in_its_dataset(ward):
    priced(ward.checkpoint(), *learned("a"))
    ward.checkpoint(ward.other_model, ward.other_snapshot)
    elsewhere = foreign(ward, "old", ward.dataset)
    held = lines_holding([ward.subject(3)])
    assert {line.model for line in held} == {ward.model, elsewhere.model}
    assert [line.ledger is None for line in held if line.model == elsewhere.model] == [True]


def test_an_open_certificate_does_not_tell_how_many_rows_somebody_had_where_nothing_is_priced_by_them(ward):
    line = Line(foreign(ward, "old", ward.dataset).model, ())
    ward.dataset.rows_per_subject = 4
    line.model.dataset = ward.dataset
    entry = entry_of(line, [ward.subject(3)], Plan(model=ward.model), together=False).entry
    assert (entry["ledger"], entry["group"]) == (None, 4)


def test_what_learned_on_from_it_elsewhere_on_unknown_data_has_no_bound_and_a_quantised_copy_adds_nothing(ward):
    source = priced(ward.checkpoint(), *learned("a"))
    tuned, small = foreign(ward, "tuned"), foreign(ward, "small")
    for child, kind in ((tuned, Descent.Kind.FINETUNED), (small, Descent.Kind.QUANTIZED)):
        add_descendant(parent=source, child=child, kind=kind, actor=ward.actor)
    found = unknown_descendants(lines_of(ward.model))
    assert [line.model for line in found] == [tuned.model]
    assert {line.model for line in lines_holding([ward.subject(3)])} == {ward.model, tuned.model}


def test_a_person_without_a_plan_is_still_in_a_line_whoever_else_was_deleted(ward):
    line = lines_of(priced(ward.checkpoint(), *learned("a"), *left()).model)[0]
    assert last_deletion(line, [ward.subject(3)]) is None


@pytest.mark.parametrize(
    ("joint", "allowed"), [(2.9, True), (3.1, False), (None, False)], ids=["within", "above", "infinite"]
)
def test_the_gate_judges_b_over_all_models(joint, allowed):
    policy = Policy(body={"bounds": {"a_epsilon": 0.5, "b_epsilon": 3.0}})
    body = {"a": {"epsilon": 0.4}, "b": {"epsilon": 1.0}, "b_all_models": {"epsilon": joint}}
    reasons = certificate_reasons(Certificate(rung="unlearned_certified", body=body), policy)
    assert (reasons == []) is allowed
    assert allowed or "over all models that held these people's rows; the policy allows 3." in reasons[0]


def test_a_certificate_of_the_first_format_is_judged_by_its_own_b():
    policy = Policy(body={"bounds": {"a_epsilon": 0.5, "b_epsilon": 3.0}})
    body = {"a": {"epsilon": 0.4}, "b": {"epsilon": 3.1}}
    [reason] = certificate_reasons(Certificate(rung="unlearned_certified", body=body), policy)
    assert reason.startswith("Number B is 3.1; the policy")
