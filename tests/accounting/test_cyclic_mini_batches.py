"""Cyclic mini-batches with permanent slots: exact laws, the maximum over slots, and what re-slicing would cost."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.accounting.gaussian_worlds import exact_mu, string_mu
from unlearning.accounting import (
    Deleted,
    DrawsSeen,
    Event,
    Inserted,
    IterateKept,
    Ledger,
    Problem,
    Released,
    Stay,
    Steps,
    Trained,
    price,
)

OUT = Released(release="rel")


def cyclic(problem: Problem, *, batch: int = 100, n: int = 1000) -> Problem:
    return replace(problem, n=n, batch=batch)


def drifts(problem: Problem, runs: Sequence[tuple[int, int]], slot: int) -> list[float]:
    """The drift of each step of runs of (steps, rows present), each from mini-batch 0, with the rows in this slot."""
    each = problem.drift(1)
    return [rows * each * (k % problem.batches == slot) for steps, rows in runs for k in range(steps)]


def cost(problem: Problem, *events: Event, **options: Any) -> Any:
    return price(Ledger(problem=problem, events=events), delta=1e-5, **options)


@pytest.mark.parametrize("learn", [24, 30, 7, 10])
@pytest.mark.parametrize("delete", [1, 10, 14])
def test_a_is_the_taut_string_of_the_worst_slot_and_at_least_its_exact_law(
    problem: Problem, learn: int, delete: int
) -> None:
    batched, last = cyclic(problem), [learn + delete]
    found = cost(
        batched, Trained(steps=learn, job="t"), Deleted(records=1, batch="d"), Steps(steps=delete, job="d"), OUT
    )
    slots = [drifts(batched, ((learn, 1), (delete, 0)), slot) for slot in range(10)]
    assert found.a.mu == pytest.approx(max(string_mu(0.9, slot, batched.noise, last) for slot in slots), rel=1e-9)
    assert found.a.mu >= max(exact_mu(0.9, slot, batched.noise, last) for slot in slots)
    assert found.b.mu == found.a.mu


@pytest.mark.parametrize(("delete", "known"), [(6, [9, 36]), (0, [9, 29, 30])])
def test_the_law_is_attained_when_the_moments_where_the_string_bends_are_known(
    problem: Problem, delete: int, known: list[int]
) -> None:
    batched = cyclic(problem)
    events = (Trained(steps=30, job="t"), Deleted(records=1, batch="d"), *([Steps(steps=6, job="d")] if delete else []))
    exact = exact_mu(0.9, drifts(batched, ((30, 1), (delete, 0)), 9), batched.noise, known)
    assert cost(batched, *events).a.mu == pytest.approx(exact, rel=1e-9)


def test_the_worst_slot_is_the_last_visited_one_when_a_run_stops_mid_epoch(problem: Problem) -> None:
    slots = [string_mu(0.9, drifts(cyclic(problem), [(24, 1)], slot), problem.noise, [24]) for slot in range(10)]
    assert max(range(10), key=slots.__getitem__) == 3
    assert cost(cyclic(problem), Trained(steps=24, job="t"), OUT).b.mu == pytest.approx(slots[3], rel=1e-9)


def test_b_is_at_least_the_exact_joint_law_of_all_releases_in_every_slot(problem: Problem) -> None:
    events: list[Event] = [Trained(steps=24, job="t"), OUT, Deleted(records=1, batch="other")]
    events += [Steps(steps=13, job="d"), OUT, Steps(steps=10, job="e"), OUT, Deleted(records=1, batch="gone")]
    events += [Steps(steps=7, job="f"), OUT]
    slots = [drifts(cyclic(problem), ((24, 1), (13, 1), (10, 1), (7, 0)), slot) for slot in range(10)]
    seen, found = [24, 37, 47, 54], cost(cyclic(problem), *events).b.mu
    assert found == pytest.approx(max(string_mu(0.9, slot, problem.noise, seen) for slot in slots), rel=1e-9)
    assert found >= max(exact_mu(0.9, slot, problem.noise, seen) for slot in slots)


RUNS = st.lists(st.tuples(st.integers(1, 17), st.booleans()), min_size=1, max_size=5)


@settings(deadline=None, max_examples=60)
@given(runs=RUNS, batches=st.integers(1, 7), spread=st.lists(st.integers(0, 6), min_size=3, max_size=3))
def test_no_slot_and_no_spread_over_slots_costs_more_than_the_price(
    runs: list[tuple[int, bool]], batches: int, spread: list[int]
) -> None:
    shape: dict[str, Any] = {"lam": 0.1, "beta": 0.25, "lipschitz": 1.0, "eta": 1.0, "sigma": 0.5, "rho": 0.0}
    problem = Problem(**shape, n=10 * batches, batch=10, features=2, classes=2, norm_bound=1.0)
    events: list[Event] = []
    for at, (steps, published) in enumerate(runs):
        run = {"steps": steps, "job": f"j{at}"}
        events.append(Steps(**run) if at else Trained(**run))  # type: ignore[arg-type]
        events += [OUT] if published else []
    ends = [sum(steps for steps, _ in runs[: at + 1]) for at in range(len(runs))]
    seen = sorted({end for end, (_, published) in zip(ends, runs, strict=True) if published} | {ends[-1]})
    alone = [drifts(problem, [(steps, 1) for steps, _ in runs], slot) for slot in range(batches)]
    one = cost(problem, *events, group=1).b.mu
    assert one == pytest.approx(max(string_mu(0.9, drift, problem.noise, seen) for drift in alone), rel=1e-9)
    assert all(exact_mu(0.9, drift, problem.noise, seen) <= one * (1 + 1e-9) for drift in alone)
    mixed = [sum(alone[slot % batches][k] for slot in spread) for k in range(ends[-1])]
    assert string_mu(0.9, mixed, problem.noise, seen) <= cost(problem, *events, group=3).b.mu * (1 + 1e-9)


def test_one_mini_batch_of_all_rows_is_the_full_batch(problem: Problem) -> None:
    events = (Trained(steps=60, job="t"), OUT, Deleted(records=1, batch="d"), Steps(steps=22, job="d"))
    whole, parted = cost(problem, *events), cost(cyclic(problem, batch=1000), *events)
    assert (parted.a.mu, parted.b.mu) == pytest.approx((whole.a.mu, whole.b.mu), rel=1e-12)


def test_rows_leaving_at_different_times_are_never_charged_less_than_any_placement(problem: Problem) -> None:
    batched = cyclic(problem)
    events = (
        Trained(steps=24, job="t"),
        Deleted(records=1, batch="d"),
        Steps(steps=13, job="d"),
        Deleted(records=1, batch="e"),
        Steps(steps=4, job="e"),
    )
    found = cost(batched, *events, stays=(Stay(left="d"), Stay(left="e")))
    first = [drifts(batched, ((24, 1), (13, 0), (4, 0)), slot) for slot in range(10)]
    second = [drifts(batched, ((24, 1), (13, 1), (4, 0)), slot) for slot in range(10)]
    worst = max(
        string_mu(0.9, [a + b for a, b in zip(one, two, strict=True)], batched.noise, [41])
        for one in first
        for two in second
    )
    assert worst <= found.a.mu <= 1.5 * worst


def test_a_person_who_came_later_pays_only_for_the_steps_since(problem: Problem) -> None:
    batched = replace(cyclic(problem), rows=999)
    events = (
        Trained(steps=24, job="t"),
        OUT,
        Inserted(records=1, batch="i"),
        Steps(steps=13, job="i"),
        Deleted(records=1, batch="d"),
        Steps(steps=5, job="d"),
    )
    runs = ((24, 0), (13, 1), (5, 0))
    worst = max(string_mu(0.9, drifts(batched, runs, slot), batched.noise, [42]) for slot in range(10))
    assert cost(batched, *events, stays=(Stay(joined="i", left="d"),)).a.mu == pytest.approx(worst, rel=1e-9)


@settings(deadline=None, max_examples=80)
@given(
    runs=RUNS,
    batches=st.integers(1, 7),
    kept=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 17)), max_size=2),
    draws=st.integers(1, 3),
    leaves=st.integers(0, 5),
    rho=st.sampled_from([0.0, 1e-4]),
)
def test_looking_at_the_last_visited_slots_only_finds_the_worst_of_all_slots(
    runs: list[tuple[int, bool]],
    batches: int,
    kept: list[tuple[int, int]],
    draws: int,
    leaves: int,
    rho: float,
) -> None:
    shape: dict[str, Any] = {"lam": 0.1, "beta": 0.25, "lipschitz": 1.0, "eta": 1.0, "sigma": 0.5, "rho": rho}
    problem = Problem(**shape, n=10 * batches, batch=10, features=2, classes=2, norm_bound=1.0)
    events: list[Event] = [DrawsSeen(draws=draws)]
    for at, (steps, published) in enumerate(runs):
        run = {"steps": steps, "job": f"j{at}"}
        events.append(Steps(**run) if at else Trained(**run))  # type: ignore[arg-type]
        events += [OUT] if published else []
        events += [Deleted(records=1, batch="gone")] if at == leaves else []
    for job, step in kept:
        if job < len(runs) and step <= runs[job][0]:
            events.append(IterateKept(job=f"j{job}", step=step))
    found = cost(problem, *events)
    with mock.patch("unlearning.accounting.stretches._worst_slots", lambda descent, _: set(range(descent.batches))):
        every = cost(problem, *events)
    assert (found.a.mu, found.b.mu) == pytest.approx((every.a.mu, every.b.mu), rel=1e-9)
