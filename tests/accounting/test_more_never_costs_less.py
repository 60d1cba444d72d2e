"""Invariants over whole ledgers: whatever else came to light, was published or was drawn, the price only rises."""

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unlearning.accounting import (
    CheckpointKept,
    ChosenByRows,
    Deleted,
    DrawsSeen,
    Event,
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
    price,
)

SHAPE: dict[str, Any] = {"lam": 0.1, "beta": 0.25, "lipschitz": 1.0, "n": 100, "eta": 1.0, "sigma": 0.5}
FULL = Problem(**SHAPE, features=2, classes=2, norm_bound=1.0)
STEPS = st.integers(1, 15)


def run(kind: type[Steps] | type[Retrained]) -> st.SearchStrategy[Event]:
    return STEPS.map(lambda steps: kind(steps=steps, job="job_2"))


LIFE = st.lists(st.one_of(st.just(Released(release="r")), run(Steps), run(Steps), run(Retrained)), max_size=5)
ADVERSE = st.one_of(
    st.just(Vetoed(alpha=1e-6, gate="g")),
    st.just(ChosenByRows(choice="best")),
    st.just(MeasurementShown(measurement="m")),
    st.just(SeedKept(job="job_1")),
    st.just(CheckpointKept(job="job_1")),
    st.just(Released(release="s")),
    st.builds(IterateKept, job=st.just("job_1"), step=st.integers(0, 5)),
    st.builds(ReferencesKept, references=st.integers(1, 5), steps=STEPS),
)
PROBLEMS = st.sampled_from([FULL, replace(FULL, rho=0.0), replace(FULL, batch=20), replace(FULL, batch=33, rho=0.0)])


def cost(problem: Problem, events: tuple[Event, ...], **options: Any) -> Price:
    return price(Ledger(problem=problem, events=events), delta=1e-5, **options)


def dearer(one: Price, other: Price) -> bool:
    """Is no bound of `one` below the same bound of `other`?"""
    pairs = ((one.a, other.a), (one.b, other.b))
    return all(
        high.mu >= low.mu * (1 - 1e-9) and high.epsilon(1e-5) >= low.epsilon(1e-5) * (1 - 1e-9) for high, low in pairs
    )


def told(learn: int, before: list[Event], after: list[Event]) -> tuple[Event, ...]:
    return (Trained(steps=learn, job="job_1"), *before, Deleted(records=1, batch="gone"), *after)


@settings(deadline=None, max_examples=120)
@given(
    problem=PROBLEMS,
    learn=st.integers(5, 30),
    before=LIFE,
    after=LIFE,
    events=st.lists(ADVERSE, min_size=1, max_size=3),
    where=st.lists(st.integers(1, 30), min_size=3, max_size=3),
)
def test_whatever_else_was_kept_shown_chosen_or_vetoed_never_lowers_a_or_b(
    problem: Problem, learn: int, before: list[Event], after: list[Event], events: list[Event], where: list[int]
) -> None:
    plain = list(told(learn, before, after))
    worse = list(plain)
    for event, at in zip(events, where, strict=False):
        worse.insert(1 + (at - 1) % len(worse), event)
    assert dearer(cost(problem, tuple(worse)), cost(problem, tuple(plain)))


@settings(deadline=None, max_examples=60)
@given(problem=PROBLEMS, learn=st.integers(1, 30), before=LIFE, after=LIFE, draws=st.integers(2, 5))
def test_more_draws_more_rows_and_more_people_never_lower_a_or_b(
    problem: Problem, learn: int, before: list[Event], after: list[Event], draws: int
) -> None:
    plain = told(learn, before, after)
    once = cost(problem, plain)
    assert dearer(cost(problem, (DrawsSeen(draws=draws), *plain)), once)
    assert dearer(cost(problem, plain, group=2), once)
    relative = cost(problem, plain, stays=(Stay(left="gone"), Stay()))
    assert dearer(relative, once)
    assert cost(problem, plain, group=0).b.mu == 0.0 and once.a.mu <= once.b.mu * (1 + 1e-9)


@settings(deadline=None, max_examples=40)
@given(learn=st.integers(1, 30), before=LIFE, after=LIFE)
def test_steps_after_a_published_deletion_never_show_in_b(learn: int, before: list[Event], after: list[Event]) -> None:
    published = (*told(learn, before, [])[:-1], Released(release="r"), Deleted(records=1, batch="gone"))
    none, fifty = cost(FULL, published), cost(FULL, (*published, Steps(steps=50, job="job_9")))
    assert none.b == fifty.b == none.b_before
    assert fifty.a.mu <= none.a.mu and cost(FULL, (*published, *after)).b == none.b


@pytest.mark.parametrize("batch", [None, 20, 33])
def test_the_sum_of_squares_of_mu_and_reserves_are_all_a_price_is_made_of(batch: int | None) -> None:
    twice = told(10, [Released(release="r"), Steps(steps=10, job="job_2"), Released(release="r")], [])
    once = told(10, [Released(release="r")], [])
    problem = replace(FULL, batch=batch, rho=0.0)
    assert cost(problem, twice).b.mu == pytest.approx(math.sqrt(2) * cost(problem, once).b.mu, rel=1e-9)
