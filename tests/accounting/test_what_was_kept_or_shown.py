"""State that outlives a deletion, references, choices, measurements and vetoes: what each costs."""

import math
from typing import Any

import pytest

from tests.accounting.gaussian_worlds import exact_mu
from unlearning.accounting import (
    AccountingError,
    CheckpointKept,
    ChosenByRows,
    Deleted,
    Destroyed,
    Effective,
    Event,
    Inserted,
    IterateKept,
    Ledger,
    MeasurementShown,
    Price,
    Problem,
    ReferencesKept,
    Released,
    Retrained,
    SeedKept,
    Stay,
    Steps,
    Trained,
    Vetoed,
    deletion_bound,
    learning_privacy,
    price,
    price_next_release,
    require_release_within,
)

TRAINED = Trained(steps=60, job="job_1")
OUT = Released(release="rel")
GONE = Deleted(records=1, batch="gone")
DELETED = Steps(steps=22, job="job_2")
DESTROYED = Destroyed(at="2026-11-20T23:00:00Z")
EFFECTIVE = Effective(at="2026-11-20T23:00:01Z")
PLAIN = (TRAINED, OUT, GONE, DELETED)


def cost(problem: Problem, *events: Event, **options: Any) -> Price:
    return price(Ledger(problem=problem, events=events), delta=1e-5, **options)


@pytest.mark.parametrize("step", [0, 1, 9, 22])
def test_an_iterate_kept_mid_run_exposes_the_deletion_as_far_as_it_had_come(
    problem: Problem, example: dict[str, Any], step: int
) -> None:
    kept = cost(problem, *PLAIN, IterateKept(job="job_2", step=step))
    so_far = {"steps_learn": 60, "steps_delete": step}
    expected = deletion_bound(**example, **so_far).mu if step else learning_privacy(**example, steps_learn=60).mu
    assert kept.a.mu == pytest.approx(expected, rel=1e-12)
    assert kept.b == cost(problem, *PLAIN).b  # the model before was published: both worlds stood at one point


def test_an_iterate_kept_of_an_unpublished_training_is_the_exact_joint_law(problem: Problem) -> None:
    kept = cost(problem, IterateKept(job="job_1", step=20), TRAINED, GONE, DELETED)
    exact = exact_mu(0.9, [2e-3] * 60 + [0.0] * 22, problem.noise, [20, 82])
    assert (kept.a.mu, kept.b.mu) == pytest.approx((exact, exact), rel=1e-9)


def test_where_in_the_ledger_a_kept_state_is_written_does_not_matter_to_what_it_costs(problem: Problem) -> None:
    early = cost(problem, TRAINED, CheckpointKept(job="job_1"), GONE, DELETED)
    assert early == cost(problem, TRAINED, GONE, DELETED, CheckpointKept(job="job_1"))


def test_one_surviving_old_checkpoint_undoes_the_deletion(problem: Problem) -> None:
    assert cost(problem, *PLAIN).a.mu == pytest.approx(0.049, abs=5e-4)
    for survivor in (CheckpointKept(job="job_1"), IterateKept(job="job_2", step=0)):
        assert cost(problem, *PLAIN, survivor).a.mu == pytest.approx(0.5, rel=1e-12)
        assert cost(problem, *PLAIN, survivor).b == cost(problem, *PLAIN).b


def test_retraining_does_not_help_against_a_checkpoint_that_was_kept(problem: Problem) -> None:
    again = (TRAINED, OUT, GONE, Retrained(steps=60, job="job_2"))
    assert cost(problem, *again).a.mu == 0.0
    assert cost(problem, *again, CheckpointKept(job="job_1")).a.mu == pytest.approx(0.5, rel=1e-12)
    assert cost(problem, *again, CheckpointKept(job="job_2")).a.mu == 0.0


def test_a_kept_seed_leaves_nothing_of_the_guarantee(problem: Problem) -> None:
    kept = cost(problem, *PLAIN, SeedKept(job="job_1"))
    assert (kept.a.mu, kept.b.mu) == (math.inf, math.inf)
    retrained = (TRAINED, OUT, GONE, Retrained(steps=60, job="job_3"), SeedKept(job="job_3"))
    again = cost(problem, *retrained)  # that run never held the rows, nor did its line
    assert (again.a.mu, again.b.mu) == (0.0, pytest.approx(0.5, rel=1e-12))


@pytest.mark.parametrize(
    "state", [CheckpointKept(job="job_1"), IterateKept(job="job_1", step=30), SeedKept(job="job_1")]
)
def test_state_destroyed_unread_before_the_certificate_is_effective_costs_a_nothing_and_stays_in_b(
    problem: Problem, state: Event
) -> None:
    gone = cost(problem, *PLAIN, state, DESTROYED, EFFECTIVE)
    assert gone.a == cost(problem, *PLAIN).a
    assert gone.b == cost(problem, *PLAIN, state).b
    assert cost(problem, *PLAIN, state, DESTROYED).a == gone.a


@pytest.mark.parametrize(
    "after",
    [
        (DESTROYED, CheckpointKept(job="job_1"), EFFECTIVE),
        (EFFECTIVE, CheckpointKept(job="job_1"), DESTROYED),  # it was there while the certificate counted
        (CheckpointKept(job="job_1"), EFFECTIVE, DESTROYED),
        (CheckpointKept(job="job_1", seen=True), DESTROYED, EFFECTIVE),
    ],
)
def test_state_found_later_destroyed_too_late_or_seen_counts(problem: Problem, after: tuple[Event, ...]) -> None:
    assert cost(problem, *PLAIN, *after).a.mu == pytest.approx(0.5, rel=1e-12)


def test_five_references_that_a_later_requester_is_in_cost_what_the_reference_says(problem: Problem) -> None:
    five = ReferencesKept(references=5, steps=60)
    kept = cost(problem, TRAINED, five, OUT, GONE, DELETED)
    assert kept.a.mu == pytest.approx(math.sqrt(0.0492**2 + 5 * 0.25), abs=1e-4) == pytest.approx(1.12, abs=0.005)
    assert kept.a.epsilon(1e-5) == pytest.approx(4.98, abs=0.01)
    shown = cost(problem, TRAINED, ReferencesKept(references=5, steps=60, seen=True), OUT)
    assert shown.b.mu == pytest.approx(math.sqrt(6) * 0.5, rel=1e-9) == pytest.approx(1.22, abs=0.006)
    assert shown.b.epsilon(1e-5) == pytest.approx(5.5, abs=0.05)


def test_references_without_the_person_and_references_destroyed_with_the_verdict_cost_a_nothing(
    problem: Problem,
) -> None:
    five = ReferencesKept(references=5, steps=60)
    assert cost(problem, TRAINED, OUT, GONE, five, DELETED) == cost(problem, *PLAIN)
    destroyed = cost(problem, TRAINED, five, OUT, GONE, DELETED, DESTROYED, EFFECTIVE)
    assert destroyed.a == cost(problem, *PLAIN).a
    assert destroyed.b.mu == pytest.approx(math.sqrt(6) * 0.5, rel=1e-9)


@pytest.mark.parametrize("shown", [ChosenByRows(choice="best of 2"), MeasurementShown(measurement="mean residual")])
def test_what_was_chosen_by_rows_or_shown_exactly_has_no_finite_price(problem: Problem, shown: Event) -> None:
    open_to_all = cost(problem, *PLAIN, shown, DESTROYED, EFFECTIVE)
    assert (open_to_all.a.mu, open_to_all.b.mu) == (math.inf, math.inf)
    newcomer = Stay(joined="came")
    later = (*PLAIN, shown, Inserted(records=1, batch="came"), Steps(steps=5, job="job_3"))
    assert math.isfinite(cost(problem, *later, stays=(newcomer,)).b.mu)  # not yet there to be looked at
    assert cost(problem, *PLAIN, shown, group=0).b.mu == 0.0


def test_vetoes_are_taken_from_delta_and_printed(problem: Problem) -> None:
    plain, twice = cost(problem, *PLAIN), cost(problem, *PLAIN, *[Vetoed(alpha=2e-6, gate="approvers")] * 2)
    assert (twice.a.mu, twice.b.mu, twice.delta_reserve) == (plain.a.mu, plain.b.mu, pytest.approx(4e-6))
    assert twice.b.epsilon(1e-5) == pytest.approx(plain.b.epsilon(6e-6), rel=1e-12)
    assert twice.to_json()["delta_reserve"] == pytest.approx(4e-6)
    assert twice.b.advantage == pytest.approx(plain.b.advantage + 4e-6)
    assert twice.b.delta(1.0) == pytest.approx(plain.b.delta(1.0) + 4e-6)
    assert twice.b.renyi(8.0) == math.inf
    assert "delta_reserve" not in plain.to_json()


def test_vetoes_that_take_all_of_delta_leave_no_epsilon_for_a_nor_b(problem: Problem) -> None:
    alarm = cost(problem, TRAINED, OUT, GONE, Vetoed(alpha=0.05, gate="residual test"), DELETED)
    assert (alarm.a.epsilon(1e-5), alarm.b.epsilon(1e-5)) == (math.inf, math.inf)
    assert math.isfinite(alarm.b.epsilon(0.06)) and alarm.b_before.delta(1.0) < 0.01
    with pytest.raises(AccountingError) as refusal:
        require_release_within(
            Ledger(problem=problem, events=(TRAINED, Vetoed(alpha=0.05, gate="g"))), cap_epsilon=9, delta=1e-5
        )
    assert refusal.value.code == "BUDGET_EXCEEDED"


@pytest.mark.parametrize(
    "lost", [CheckpointKept(job="job_9"), IterateKept(job="job_2", step=23), SeedKept(job="job_9")]
)
def test_a_kept_state_of_a_run_that_is_not_in_the_ledger_is_refused_because_it_would_cost_nothing(
    problem: Problem, lost: Event
) -> None:
    ledger = Ledger(problem=problem, events=(*PLAIN, lost))
    for ask in (lambda: price(ledger, delta=1e-5), lambda: price_next_release(ledger)):
        with pytest.raises(AccountingError) as refusal:
            ask()
        assert refusal.value.code == "LEDGER_MALFORMED"


def test_what_got_out_after_the_last_release_has_been_spent_too(problem: Problem) -> None:
    released = (TRAINED, OUT)
    for event in (MeasurementShown(measurement="m"), SeedKept(job="job_1")):
        ahead = price_next_release(Ledger(problem=problem, events=(*released, event)))
        assert (ahead.spent.mu, ahead.after.mu) == (math.inf, math.inf)
    quiet = price_next_release(Ledger(problem=problem, events=(*released, DELETED)))
    kept = price_next_release(Ledger(problem=problem, events=(*released, DELETED, CheckpointKept(job="job_2"))))
    assert kept.spent == kept.after == quiet.after and quiet.spent.mu < quiet.after.mu
