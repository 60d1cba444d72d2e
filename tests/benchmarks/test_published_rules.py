"""The step counts of earlier methods, against the figures of the reference table, and our own beside them."""

import math

import pytest

from benchmarks.deletion_steps import step_sizes, steps_to_delete, steps_to_retrain
from benchmarks.published_rules import (
    TABLE_2_8,
    Setting,
    descent_to_delete_noise,
    descent_to_delete_steps,
    epsilon_from_renyi,
    langevin_steps,
    paper_style_steps,
    pnsgd_steps,
)


def test_every_published_rule_gives_its_known_step_counts() -> None:
    assert [paper_style_steps(setting) for setting in TABLE_2_8] == [304, 388, 55]
    assert [pnsgd_steps(setting) for setting in TABLE_2_8] == [100, 128, 16]
    # The table's 1998 came from a grid of orders; the best order saves one step.
    assert [langevin_steps(setting) for setting in TABLE_2_8] == [1997, 2488, 289]


@pytest.mark.parametrize(("name", "expected"), [("safe", [60, 78, 9]), ("best", [31, 40, 5])])
def test_the_accountant_gives_the_step_counts_of_the_reference_table(name: str, expected: list[int]) -> None:
    assert [steps_to_delete(setting, eta=step_sizes(setting)[name]) for setting in TABLE_2_8] == expected


def test_descent_to_delete_adds_less_noise_the_longer_it_descends() -> None:
    setting = TABLE_2_8[0]
    steps = descent_to_delete_steps(setting, noise=0.1)
    assert descent_to_delete_noise(setting, steps=steps) <= 0.1 < descent_to_delete_noise(setting, steps=steps - 1)


def test_the_noise_of_descent_to_delete_is_the_published_formula_on_round_numbers() -> None:
    # lam = beta/2: gamma = 1/2; one step: 8 L g / (lam n) / room.
    setting = Setting(n=100, lam=0.1, sigma=1.0, group=1, beta=0.2)
    logs = 2.0 * math.log(200.0)
    assert descent_to_delete_noise(setting, steps=1) == pytest.approx(
        0.8 / (math.sqrt(logs + 3.0) - math.sqrt(logs + 2.0))
    )


def test_the_conversion_finds_the_best_order_of_a_gaussian() -> None:
    # curve a q: the best order is 1 + sqrt(ln(1/delta)/a), the value a + 2 sqrt(a ln(1/delta)).
    a, delta = 0.02, 1e-5
    expected = a + 2.0 * math.sqrt(a * math.log(1.0 / delta))
    assert epsilon_from_renyi(lambda q: a * q, delta=delta) == pytest.approx(expected, rel=1e-9)


def test_retraining_to_a_nearer_law_takes_more_steps() -> None:
    setting = TABLE_2_8[2]
    counts = [steps_to_retrain(setting, eta=setting.eta, mu=mu) for mu in (1.0, 0.1, 0.01)]
    assert counts == sorted(set(counts))
    c = 1.0 - setting.eta * setting.lam
    assert counts[2] - counts[1] == pytest.approx(math.log(10.0) / -math.log(c), abs=1.0)
