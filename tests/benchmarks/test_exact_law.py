"""The check that the recursion obeys its bound must itself be able to fail."""

import pytest

from benchmarks.exact_law import measured_mu
from benchmarks.published_rules import TABLE_2_8
from unlearning.accounting import deletion_bound

SMALL = TABLE_2_8[2]


def bound(*, steps_delete: int) -> float:
    return deletion_bound(
        lam=SMALL.lam,
        beta=SMALL.beta,
        lipschitz=SMALL.lipschitz,
        n=SMALL.n,
        eta=SMALL.eta,
        sigma=SMALL.sigma,
        steps_learn=30,
        steps_delete=steps_delete,
        group=SMALL.group,
    ).mu


@pytest.fixture(scope="module")
def found() -> tuple[float, float]:
    measured = measured_mu(SMALL, eta=SMALL.eta, steps_learn=30, steps_delete=3, chains=10_000)
    return measured.mu, measured.half


def test_the_engines_recursion_attains_its_bound(found: tuple[float, float]) -> None:
    assert found[0] == pytest.approx(bound(steps_delete=3), abs=3.0 * found[1])


def test_a_bound_for_one_step_more_would_be_refuted(found: tuple[float, float]) -> None:
    assert found[0] - 2.0 * found[1] > bound(steps_delete=4)
