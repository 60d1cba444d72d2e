"""Learning and one deletion: golden numbers of the references, closed forms, properties, refusals."""

import math
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from unlearning.accounting import (
    AccountingError,
    Descent,
    GdpBound,
    deletion_bound,
    learning_privacy,
    smallest_deletion_steps,
    smallest_noise,
)
from unlearning.accounting.minorant import Run, energy, runs_energy, steps_points

TABLE = [  # n, lam, sigma, group, epsilon before; steps at eta = 1/(lam+beta) and 2/(2lam+beta), replace and zero-out
    (11982, 0.012, 0.03, 100, 30.8, (60, 31, 23)),
    (10000, 0.010, 0.03, 100, 45.6, (78, 40, 31)),
    (1000, 0.05, 0.05, 10, 6.19, (9, 5, 3)),
]


@pytest.mark.parametrize(("n", "lam", "sigma", "group", "before", "steps"), TABLE)
def test_the_deletion_steps_of_the_reference_table_reproduce(
    n: int, lam: float, sigma: float, group: int, before: float, steps: tuple[int, int, int]
) -> None:
    safe, best = 1.0 / (lam + 0.25), 2.0 / (2.0 * lam + 0.25)
    shared: dict[str, Any] = {"lam": lam, "beta": 0.25, "lipschitz": 1.0, "n": n, "sigma": sigma, "group": group}
    found = [
        smallest_deletion_steps(
            **shared, eta=eta, adjacency=adjacency, steps_learn=10**6, epsilon=1.0, delta=1.0 / n
        ).steps
        for eta, adjacency in ((safe, "replace"), (best, "replace"), (best, "zero_out"))
    ]
    assert tuple(found) == steps
    learned = learning_privacy(**shared, eta=safe, steps_learn=10**6)
    assert learned.epsilon(1.0 / n) == pytest.approx(before, rel=2e-3)


def test_the_running_example_reproduces(example: dict[str, Any]) -> None:
    assert learning_privacy(**example, steps_learn=60).mu == pytest.approx(0.5, rel=1e-12)
    deleted = {steps: deletion_bound(**example, steps_learn=60, steps_delete=steps) for steps in (9, 22)}
    assert deleted[22].mu == pytest.approx(0.049, abs=5e-4)
    assert (deleted[9].mu, deleted[9].epsilon(1e-5)) == (pytest.approx(0.193, abs=1e-3), pytest.approx(0.70, abs=5e-3))


@pytest.mark.parametrize(("steps", "share"), [(5, 0.26), (9, 0.44), (22, 0.82)])
def test_a_short_deletion_costs_those_who_stay_less_than_a_retraining(
    example: dict[str, Any], steps: int, share: float
) -> None:
    short, whole = (learning_privacy(**example, steps_learn=count).mu for count in (steps, 60))
    assert short**2 / whole**2 == pytest.approx(share, abs=0.005)


@pytest.mark.parametrize(("releases", "mu", "epsilon"), [(13, 1.25, 5.7), (52, 2.42, 12.7)])
def test_a_series_of_releases_costs_what_the_reference_says(
    example: dict[str, Any], releases: int, mu: float, epsilon: float
) -> None:
    stretch = learning_privacy(**example, steps_learn=9).mu
    series = GdpBound(math.sqrt(0.25 + (releases - 1) * stretch**2))
    assert (series.mu, series.epsilon(1e-5)) == (pytest.approx(mu, abs=0.011), pytest.approx(epsilon, rel=0.015))


@pytest.mark.parametrize(("draws", "mu"), [(1, 0.049), (2, 0.069), (5, 0.108)])
def test_several_draws_from_one_start_cost_what_the_reference_says(
    example: dict[str, Any], draws: int, mu: float
) -> None:
    bound = deletion_bound(**example, steps_learn=60, steps_delete=22, draws=draws)
    assert bound.mu == pytest.approx(mu, abs=6e-4)


def test_draws_without_end_undo_the_deletion(example: dict[str, Any]) -> None:
    bound = deletion_bound(**example, steps_learn=60, steps_delete=22, draws=10**12)
    assert bound.mu == pytest.approx(learning_privacy(**example, steps_learn=60).mu, rel=1e-6)


def test_draws_follow_the_exact_formula(example: dict[str, Any]) -> None:
    c, learned, deleted, draws = 0.9, 60, 22, 3
    square = (2e-3) ** 2 / (2 * example["sigma"] ** 2) * (1 + c) / (1 - c) * (1 - c**learned) ** 2
    square /= 1 - c ** (2 * learned) + (c ** (-2 * deleted) - 1) / draws
    assert deletion_bound(**example, steps_learn=learned, steps_delete=deleted, draws=draws).mu == pytest.approx(
        math.sqrt(square), rel=1e-12
    )


def test_without_strong_convexity_the_closed_forms_for_c_equal_to_one_hold(example: dict[str, Any]) -> None:
    flat = example | {"lam": 0.0, "assumption": "convex"}
    unit = 2e-3 / (math.sqrt(2) * example["sigma"])
    assert learning_privacy(**flat, steps_learn=40).mu == pytest.approx(unit * math.sqrt(40), rel=1e-12)
    assert deletion_bound(**flat, steps_learn=40, steps_delete=60).mu == pytest.approx(unit * 4.0, rel=1e-12)


def test_without_any_assumption_steps_buy_nothing(example: dict[str, Any]) -> None:
    bare = example | {"assumption": "none"}
    learned = learning_privacy(**bare, steps_learn=60).mu
    assert learned == pytest.approx(2e-3 / (math.sqrt(2) * example["sigma"]) * math.sqrt(60), rel=1e-12)
    assert deletion_bound(**bare, steps_learn=60, steps_delete=500).mu == learned


def test_rounding_sets_a_floor_that_no_number_of_steps_passes(example: dict[str, Any]) -> None:
    shape: dict[str, Any] = {"lam": 0.012, "beta": 0.5, "lipschitz": 1.0, "n": 1000, "eta": 1 / 0.512, "sigma": 0.03}
    floor = deletion_bound(**shape, steps_learn=60, steps_delete=10**6).mu
    assert floor == pytest.approx(4e-13, rel=0.02)
    with pytest.raises(AccountingError) as refusal:
        smallest_deletion_steps(**shape | {"rho": 1e-3}, steps_learn=60, epsilon=0.1, delta=1e-5)
    assert refusal.value.code == "TARGET_OUT_OF_RANGE"


@st.composite
def descents(draw: st.DrawFn) -> dict[str, Any]:
    lam, beta = draw(st.floats(0.001, 1.0)), draw(st.floats(0.0, 2.0))
    eta = draw(st.floats(0.05, 0.95)) * 2.0 / (lam + beta)
    return {
        "lam": lam,
        "beta": beta,
        "lipschitz": draw(st.floats(0.1, 2.0)),
        "n": draw(st.integers(50, 10**5)),
        "eta": eta,
        "sigma": draw(st.floats(1e-3, 1.0)),
        "adjacency": draw(st.sampled_from(["replace", "remove", "zero_out"])),
        "rho": 0.0,
    }


STEPS = st.integers(1, 300)


@settings(deadline=None)
@given(shape=descents(), learn=STEPS, delete=STEPS, more=STEPS, group=st.integers(1, 5))
def test_mu_moves_the_way_it_must(shape: dict[str, Any], learn: int, delete: int, more: int, group: int) -> None:
    mu = deletion_bound(**shape, steps_learn=learn, steps_delete=delete, group=group).mu

    def with_(**changes: Any) -> float:
        return deletion_bound(**{**shape, "steps_learn": learn, "steps_delete": delete, "group": group, **changes}).mu

    slack = mu * (1 + 1e-9)
    assert with_(steps_delete=delete + more) <= slack
    assert with_(sigma=shape["sigma"] * 1.5) <= slack
    assert with_(n=shape["n"] * 2) <= slack
    assert with_(group=3 * group) == pytest.approx(3 * mu, rel=1e-9)
    assert with_(lipschitz=2 * shape["lipschitz"]) == pytest.approx(2 * mu, rel=1e-9)
    assert with_(group=0) == 0.0
    assert mu <= learning_privacy(**shape, steps_learn=learn, group=group).mu * (1 + 1e-9)


@settings(deadline=None)
@given(runs=st.lists(st.tuples(STEPS, st.floats(0.0, 1.0), st.floats(0.1, 2.0)), min_size=1, max_size=6), c=st.data())
def test_runs_and_single_steps_give_one_minorant(runs: list[tuple[int, float, float]], c: st.DataObject) -> None:
    gap = c.draw(st.floats(0.0, 0.3))
    whole = [Run(steps=steps, gap=gap, drift=drift, noise=noise) for steps, drift, noise in runs]
    drifts = [run.drift for run in whole for _ in range(run.steps)]
    noises = [run.noise for run in whole for _ in range(run.steps)]
    points = steps_points([1.0 - gap] * len(drifts), drifts, noises)
    assert runs_energy(whole) == pytest.approx(energy(points), rel=1e-7, abs=1e-18)


@settings(deadline=None)
@given(points=st.lists(st.tuples(st.floats(0.01, 3.0), st.floats(0.0, 3.0)), min_size=1, max_size=12))
def test_the_minorant_is_never_below_one_slope_nor_above_every_step(points: list[tuple[float, float]]) -> None:
    xs, ms, path = 0.0, 0.0, []
    for dx, dm in points:
        xs, ms = xs + dx, ms + dm
        path.append((xs, ms))
    assert energy(path) >= ms**2 / xs * (1 - 1e-9) - 1e-300
    assert energy(path) <= sum(dm**2 / dx for dx, dm in points) * (1 + 1e-9) + 1e-300


def test_a_hand_drawn_string_has_the_energy_of_its_two_slopes() -> None:
    assert energy([(1.0, 2.0), (2.0, 2.0), (3.0, 6.0)]) == pytest.approx(2.0**2 / 2 + 4.0**2 / 1)
    assert energy([(0.0, 1.0), (0.0, 2.0)]) == math.inf  # a drift with no noise at all


@settings(deadline=None)
@given(shape=descents(), learn=STEPS, epsilon=st.floats(0.1, 8.0), share=st.floats(0.05, 0.9))
def test_the_inverses_meet_their_target_and_one_step_less_misses_it(
    shape: dict[str, Any], learn: int, epsilon: float, share: float
) -> None:
    del shape["sigma"]
    noise = smallest_noise(**shape, steps_learn=learn, epsilon=epsilon, delta=1e-5)
    assert noise.epsilon(1e-5) <= epsilon
    assert learning_privacy(**shape, sigma=noise.sigma, steps_learn=learn).mu == noise.mu
    assert learning_privacy(**shape, sigma=noise.sigma * (1 - 1e-6), steps_learn=learn).epsilon(1e-5) > epsilon
    aim = {"steps_learn": learn, "epsilon": epsilon * share, "delta": 1e-5}
    found = smallest_deletion_steps(**shape, sigma=noise.sigma, **aim)
    assert found.epsilon(1e-5) <= epsilon * share
    assume(found.steps > 1)
    less = deletion_bound(**shape, sigma=noise.sigma, steps_learn=learn, steps_delete=found.steps - 1)
    assert less.epsilon(1e-5) > epsilon * share


def test_noise_can_be_sized_for_the_deletion(example: dict[str, Any]) -> None:
    del example["sigma"]
    noise = smallest_noise(**example, steps_learn=60, steps_delete=20, epsilon=0.2, delta=1e-5)
    bound = deletion_bound(**example, sigma=noise.sigma, steps_learn=60, steps_delete=20)
    assert bound.epsilon(1e-5) == pytest.approx(0.2, rel=1e-9)


REFUSALS = [
    ({"eta": 2 / 0.35}, "ETA_TOO_LARGE"),
    ({"eta": 6.0, "lam": 0.0, "beta": 1.0, "assumption": "convex"}, "ETA_TOO_LARGE"),
    ({"lam": 0.0}, "NOT_STRONGLY_CONVEX"),
    ({"lam": 1e-20}, "NO_CONTRACTION"),
    ({"eta": 0.0}, "NO_CONTRACTION"),
    ({"sigma": 0.0}, "SIGMA_NOT_POSITIVE"),
    ({"sigma": -1.0}, "SIGMA_NOT_POSITIVE"),
    ({"steps_delete": 0}, "K_DELETE_NOT_POSITIVE"),
    ({"steps_learn": 0}, "K_LEARN_NOT_POSITIVE"),
    ({"group": 1000}, "EMPTY_DATASET_AFTER_DELETION"),
    ({"n": 0}, "EMPTY_DATASET_AFTER_DELETION"),
    ({"lipschitz": math.inf}, "NOT_FINITE"),
    ({"eta": math.nan}, "NOT_FINITE"),
    ({"beta": -0.1}, "NOT_FINITE"),
    ({"group": -1}, "TARGET_OUT_OF_RANGE"),
    ({"draws": 0}, "TARGET_OUT_OF_RANGE"),
    ({"adjacency": "swap"}, "LEDGER_MALFORMED"),
    ({"assumption": "hope"}, "LEDGER_MALFORMED"),
]


@pytest.mark.parametrize(("change", "code"), REFUSALS)
def test_every_unsound_argument_is_refused_by_its_code(
    example: dict[str, Any], change: dict[str, Any], code: str
) -> None:
    with pytest.raises(AccountingError) as refusal:
        deletion_bound(**{**example, "steps_learn": 60, "steps_delete": 20, **change})
    assert refusal.value.code == code
    assert refusal.value.message and refusal.value.remedy


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"epsilon": 0.0}, "TARGET_OUT_OF_RANGE"),
        ({"epsilon": math.inf}, "TARGET_OUT_OF_RANGE"),
        ({"delta": 1.0}, "DELTA_OUT_OF_RANGE"),
        ({"assumption": "none"}, "NO_CONTRACTION"),
    ],
)
def test_a_target_that_is_no_target_is_refused(example: dict[str, Any], change: dict[str, Any], code: str) -> None:
    with pytest.raises(AccountingError) as refusal:
        smallest_deletion_steps(**{**example, "steps_learn": 60, "epsilon": 0.5, "delta": 1e-5, **change})
    assert refusal.value.code == code


def test_contraction_is_exact_where_subtraction_would_lose_digits() -> None:
    slow = Descent(lam=1e-9, beta=0.25, lipschitz=1.0, n=100, eta=1e-3, sigma=1.0)
    assert slow.gap == pytest.approx(1e-12, rel=1e-12)
    fast = Descent(lam=0.5, beta=0.0, lipschitz=1.0, n=100, eta=2.0, sigma=1.0)
    assert fast.contraction == 0.0
