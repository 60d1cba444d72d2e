"""The bounds against worlds whose laws are exactly Gaussian: linear losses beside a common quadratic."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unlearning.accounting import (
    Deleted,
    Event,
    Inserted,
    Ledger,
    Problem,
    Released,
    Retrained,
    Stay,
    Steps,
    Trained,
    deletion_bound,
    price,
)


def joint_mu(
    hessian: np.ndarray,
    direction: np.ndarray,
    *,
    eta: float,
    sigma: float,
    drift: float,
    present: int,
    seen: Sequence[int],
    since: int = 0,
) -> float:
    """mu between the joint laws of the models seen after those steps, the record being there from `since` on."""
    d, total = len(hessian), max(seen)
    step = np.eye(d) - eta * hessian
    powers = [np.eye(d)]
    for _ in range(total):
        powers.append(powers[-1] @ step)
    noise = np.zeros((len(seen) * d, total * d))
    shift = np.zeros(len(seen) * d)
    for row, time in enumerate(seen):
        for k in range(1, time + 1):
            noise[row * d : row * d + d, (k - 1) * d : k * d] = math.sqrt(2 * eta) * sigma * powers[time - k]
            if since < k <= present:
                shift[row * d : row * d + d] += drift * powers[time - k] @ direction
    return float(np.sqrt(shift @ np.linalg.solve(noise @ noise.T, shift)))


def story(problem: Problem, present: int, seen: Sequence[int], since: int = 0) -> Ledger:
    """Steps up to the last time seen, a release at each time, the deletion after `present` steps."""
    events: list[Event] = []
    done = 0
    for time in sorted({present, *seen} | ({since} if since else set())):
        if time > done:
            run = {"steps": time - done, "job": f"job_{time}"}
            events.append(Steps(**run) if events else Trained(**run))  # type: ignore[arg-type]
        if time in seen:
            events.append(Released(release=f"rel_{time}"))
        if since and time == since:
            events.append(Inserted(records=1, batch="came"))
        if time == present:
            events.append(Deleted(records=1, batch="gone"))
        done = time
    return Ledger(problem=problem, events=tuple(events))


@pytest.mark.parametrize("seen", [(60, 80), (20, 40, 60, 80), (50, 80), (70, 80), (80,), (60, 61, 62, 80)])
def test_b_is_the_exact_joint_law_of_all_published_models(problem: Problem, seen: tuple[int, ...]) -> None:
    exact = joint_mu(
        np.array([[0.1]]), np.array([1.0]), eta=1.0, sigma=problem.sigma, drift=2e-3, present=60, seen=seen
    )
    assert price(story(problem, 60, seen), delta=1e-5).b.mu == pytest.approx(exact, rel=1e-9)


def test_a_is_the_exact_law_of_all_releases_after_the_deletion(problem: Problem) -> None:
    later = (82, 85, 100, 140)
    exact = joint_mu(
        np.array([[0.1]]), np.array([1.0]), eta=1.0, sigma=problem.sigma, drift=2e-3, present=60, seen=later
    )
    assert price(story(problem, 60, (60, 82)), delta=1e-5).a.mu == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize("later", [(61, 62, 63), (69, 70, 120), (82, 85, 100, 140)])
def test_steps_after_the_first_later_release_earn_a_nothing(problem: Problem, later: tuple[int, ...]) -> None:
    """Whoever holds all later releases holds the first of them, and the others are made from it."""
    exact = joint_mu(
        np.array([[0.1]]), np.array([1.0]), eta=1.0, sigma=problem.sigma, drift=2e-3, present=60, seen=later
    )
    ledger = story(problem, 60, (30, 60, *later))
    assert price(ledger, delta=1e-5).a.mu == pytest.approx(exact, rel=1e-9)
    again = ledger.then(Deleted(records=1, batch="another"), Retrained(steps=60, job="anew"), Released(release="rel_x"))
    assert price(again, delta=1e-5, batch="gone").a.mu == pytest.approx(exact, rel=1e-9)
    assert price(again, delta=1e-5, batch="another").a.mu == 0.0


@settings(deadline=None, max_examples=60)
@given(
    lam=st.floats(0.01, 0.5),
    beta=st.floats(0.01, 1.0),
    speed=st.floats(0.1, 0.97),
    tilt=st.floats(0.0, 1.0),
    angle=st.floats(0.0, 3.0),
    learn=st.integers(1, 25),
    delete=st.integers(1, 25),
)
def test_no_two_dimensional_quadratic_leaks_more_than_the_bound(
    lam: float, beta: float, speed: float, tilt: float, angle: float, learn: int, delete: int
) -> None:
    eta, sigma = speed * 2.0 / (lam + beta), 0.1
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    hessian = turn @ np.diag([lam, lam + tilt * beta]) @ turn.T
    exact = joint_mu(
        hessian, np.array([1.0, 0.0]), eta=eta, sigma=sigma, drift=2 * eta / 100, present=learn, seen=[learn + delete]
    )
    shape = {"lam": lam, "beta": beta, "lipschitz": 1.0, "eta": eta, "sigma": sigma, "rho": 0.0}
    bound = deletion_bound(**shape, n=100, steps_learn=learn, steps_delete=delete)  # type: ignore[arg-type]
    assert bound.mu >= exact * (1 - 1e-9)


@settings(deadline=None, max_examples=60)
@given(
    lam=st.floats(0.05, 0.5),
    beta=st.floats(0.01, 1.0),
    speed=st.floats(0.1, 0.97),
    tilt=st.floats(0.0, 1.0),
    angle=st.floats(0.0, 3.0),
    stay=st.tuples(st.integers(0, 9), st.integers(1, 12)),
    seen=st.sets(st.integers(1, 30), min_size=1, max_size=4),
)
def test_no_series_of_releases_before_during_and_after_a_stay_leaks_more_than_b(
    lam: float, beta: float, speed: float, tilt: float, angle: float, stay: tuple[int, int], seen: set[int]
) -> None:
    eta, sigma, since, present = speed * 2.0 / (lam + beta), 0.1, stay[0], stay[0] + stay[1]
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    hessian = turn @ np.diag([lam, lam + tilt * beta]) @ turn.T
    times = sorted(seen)
    exact = joint_mu(
        hessian,
        np.array([1.0, 0.0]),
        eta=eta,
        sigma=sigma,
        drift=2 * eta / 100,
        present=present,
        seen=times,
        since=since,
    )
    constants = {"lam": lam, "beta": beta, "lipschitz": 1.0, "n": 100, "eta": eta, "sigma": sigma, "rho": 0.0}
    problem = Problem(**constants, features=2, classes=2, norm_bound=1.0, rows=99)  # type: ignore[arg-type]
    person = (Stay(joined="came" if since else None, left="gone"),)
    assert price(story(problem, present, times, since), delta=1e-5, stays=person).b.mu >= exact * (1 - 1e-9)


@pytest.mark.parametrize(("learn", "delete"), [(1, 1), (7, 3), (60, 22), (200, 1)])
def test_the_worst_direction_attains_the_bound_at_a_safe_step_size(learn: int, delete: int) -> None:
    lam, beta, sigma = 0.05, 0.25, 0.1
    eta = 1.0 / (lam + beta)
    exact = joint_mu(
        np.diag([lam, lam + beta]),
        np.array([1.0, 0.0]),
        eta=eta,
        sigma=sigma,
        drift=2 * eta / 100,
        present=learn,
        seen=[learn + delete],
    )
    bound = deletion_bound(
        lam=lam,
        beta=beta,
        lipschitz=1.0,
        n=100,
        eta=eta,
        sigma=sigma,
        steps_learn=learn,
        steps_delete=delete,
        rho=0.0,
    )
    assert bound.mu == pytest.approx(exact, rel=1e-10)


@pytest.mark.parametrize("draws", [2, 5])
def test_draws_from_one_start_cost_their_exact_joint_law(problem: Problem, draws: int) -> None:
    learn, delete, c, s = 60, 22, 0.9, math.sqrt(2) * problem.sigma
    start = s**2 * (1 - c ** (2 * learn)) / (1 - c**2) * c ** (2 * delete)
    fresh = s**2 * (1 - c ** (2 * delete)) / (1 - c**2)
    shift = np.full(draws, 2e-3 * (1 - c**learn) / (1 - c) * c**delete)
    exact = math.sqrt(shift @ np.linalg.solve(start * np.ones((draws, draws)) + fresh * np.eye(draws), shift))
    bound = deletion_bound(
        lam=0.1,
        beta=0.25,
        lipschitz=1.0,
        n=1000,
        eta=1.0,
        sigma=problem.sigma,
        steps_learn=learn,
        steps_delete=delete,
        rho=0.0,
        draws=draws,
    )
    assert bound.mu == pytest.approx(exact, rel=1e-9)
