"""The arithmetic of a re-test: exact, spent in shares, and never surer than the kept half allows."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import fisher_exact

from governance.verification.sentinel_drawing import Constants, drawn
from governance.verification.sentinel_findings import finding, fisher, level_of

BITS = st.builds(lambda hits, misses: [1] * hits + [0] * (misses + (not hits)), st.integers(0, 20), st.integers(0, 20))
KNOWN, HALF = [1] * 20, [1, 0] * 20


def said(erased, kept, null=HALF, *, test=1, was_clean=False) -> dict:
    bits = {0.0: {"erased": erased, "kept": kept, "never_planted": null}}
    return finding(bits, level=0.05, test=test, was_clean=was_clean)


@given(BITS, BITS)
def test_the_p_value_is_fishers(more, null):
    table = [[sum(more), len(more) - sum(more)], [sum(null), len(null) - sum(null)]]
    assert fisher(more, null) == pytest.approx(fisher_exact(table, alternative="greater")[1], abs=1e-9)


@given(st.floats(0.001, 0.49))
def test_all_tests_of_a_set_together_spend_no_more_than_its_level(level):
    assert math.fsum(level_of(level, test=test) for test in range(1, 2000)) <= level


@pytest.mark.parametrize(
    ("erased", "kept", "was_clean", "outcome"),
    [
        ([], KNOWN, False, "baseline"),
        ([1, 0] * 10, KNOWN, False, "clean"),
        ([1, 0] * 10, [1, 0] * 10, False, "blind"),
        ([1, 0] * 10, [], False, "blind"),
        (KNOWN, KNOWN, False, "residual"),
        (KNOWN, KNOWN, True, "resurrected"),
        (KNOWN, [1, 0] * 10, False, "residual"),
    ],
)
def test_the_outcome_follows_from_three_groups(erased, kept, was_clean, outcome):
    assert said(erased, kept, was_clean=was_clean)["outcome"] == outcome


def test_what_could_have_gone_unseen_is_said_and_is_true():
    found = said([1, 0] * 10, KNOWN)
    least = round(20 * (found["detectable"] + 0.5))
    for hits, outcome in ((least, "residual"), (least - 1, "clean")):
        assert said([1] * hits + [0] * (20 - hits), KNOWN)["outcome"] == outcome
    assert f"{found['detectable']:.0%}" in found["words"]


@given(BITS)
def test_a_few_erased_ones_are_never_called_clean_without_power(erased):
    assert said(erased, [0, 1])["outcome"] in {"blind", "residual"}


@pytest.mark.parametrize("erased", [[1], [0], [1, 1], [0, 0, 0]])
def test_too_few_to_be_told_from_chance_are_never_called_clean(erased):
    """One of one was recognised, and "no trace found" stood over it; a later find would have been a resurrection."""
    found = said(erased, KNOWN)
    assert found["outcome"] == "blind"
    assert "So few are erased" in found["words"]


@pytest.mark.parametrize("kind", ["random", "mislabelled", "person"])
def test_labels_are_tosses_of_a_coin_and_rows_come_from_public_constants_alone(kind):
    constants = Constants.from_problem({"centres": 2.0, "scales": 0.5, "classes": [3, 7]}, width=6)
    features, labels = drawn(kind, constants, count=400, rows_each=2, draw=np.random.default_rng(1))
    assert features.shape == (400, 2, 6)
    assert set(labels) == {3, 7}
    assert 150 < labels.count(3) < 250
    assert np.abs(np.corrcoef(features[:, 0].T, labels)[-1, :-1]).max() < 0.2
