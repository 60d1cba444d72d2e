"""Mini-batches: whoever left and came again may sit in another slot, and the cap must hold for them too."""

import math
from collections.abc import Sequence

import pytest

from unlearning.accounting import (
    Deleted,
    Event,
    Inserted,
    Ledger,
    Problem,
    Released,
    Stay,
    Steps,
    Trained,
    price,
    price_next_release,
    recommend,
    subject_price,
)

ROUNDS = 8


def life(problem: Problem) -> Ledger:
    """Runs stop after the fourth of ten mini-batches in the first half of the life, after the eighth in the other."""
    events: list[Event] = [Trained(steps=100, job="first"), Released(release="first")]
    for turn in range(ROUNDS):
        for kind, edit in (("d", Deleted), ("i", Inserted)):
            steps = 4 if turn < ROUNDS // 2 else 8
            name = f"{kind}{turn}"
            events += [edit(records=1, batch=name), Steps(steps=steps, job=name), Released(release=name)]
    return Ledger(problem=problem, events=tuple(events))


def problem_of(batch: int | None) -> Problem:
    return recommend(n=1000, features=11, classes=2, epsilon=2.0, delta=1e-5, lam=0.05, batch=batch).problem


def squares(mus: Sequence[float]) -> float:
    return math.sqrt(sum(mu * mu for mu in mus))


def test_the_next_release_counts_two_stays_in_their_own_worst_slots() -> None:
    ledger = life(problem_of(100))
    all_along = price(ledger, delta=1e-5, stays=(Stay(),)).b.mu
    # every run starts from a published model, so the squares of two stays add, each in its own worst slot
    twice = squares([price(ledger, delta=1e-5, stays=(stay,)).b.mu for stay in (Stay(left="d3"), Stay(joined="i3"))])
    assert all_along < twice <= price_next_release(ledger).after.mu
    assert price_next_release(ledger).spent == price_next_release(ledger).after


@pytest.mark.parametrize("batch", [None, 1000])
def test_where_every_step_sees_every_row_nothing_changes(batch: int | None) -> None:
    ledger = life(problem_of(batch))
    assert price_next_release(ledger).after.mu == pytest.approx(price(ledger, delta=1e-5, stays=(Stay(),)).b.mu)


def test_while_nobody_can_have_come_again_the_price_is_that_of_one_slot() -> None:
    whole = life(problem_of(100))
    before = Ledger(problem=whole.problem, events=whole.events[:5])
    assert price_next_release(before).after == price(before, delta=1e-5, stays=(Stay(),)).b
    joint = subject_price([before], delta=1e-5)
    assert joint.b == price(before, delta=1e-5).b
