"""One question at a time, near its limits: what a mean alone would decide, a bound does not."""

from __future__ import annotations

import pytest

from unlearning.language.scope.asking import answer
from unlearning.language.scope.gate import gate_policy, judged
from unlearning.language.scope.rules import LENGTHS, Rule, arms_of
from unlearning.verification.measurements import bits_line, utility, values_line

STRICT = {"risk": 0.05, "accusing": 0.005}


def bits(right, records):
    return [1] * right + [0] * (records - right)


def lines(name, a, b, p, *, records, budget=0.5):
    """Counts per arm; b: of each reference."""
    arms = {"A": a, **{f"B:{k}": one for k, one in enumerate(b)}, "P": p}
    return [bits_line(name, arm, bits(n, records), budget=budget, tier="sealed") for arm, n in arms.items()]


def state(rule, found):
    return answer(rule, found, **STRICT).state


NEAR = Rule(name="near", battery="text.extraction", asks="like_control", limit=0.15)
FAR = Rule(name="far", battery="membership.loss.far", asks="like_control", limit=0.15)
RUNS = Rule(name="runs", battery="scope.verbatim", asks="at_most", limit=0.05, budgets=(25.0, 50.0))
CHOICE = Rule(name="choice", battery="scope.choice", asks="chance", limit=0.12)
KEPT = Rule(name="kept", battery="scope.neighbours", asks="kept", limit=0.8)
USEFUL = Rule(name="useful", battery="utility.accuracy", asks="at_least", limit=0.6)


@pytest.mark.parametrize(
    ("a", "b", "p", "records", "expected"),
    [
        (0, [0, 0], 120, 120, "holds"),
        # Small, but certain: more than retraining leaves.
        (14, [0, 0], 120, 120, "broken"),
        # As large a share of few records says nothing.
        (2, [0, 0], 20, 20, "unknown"),
        # One of the retrained models did the same.
        (60, [0, 0, 0, 0, 108], 120, 120, "unknown"),
        # Less than retraining leaves: perhaps, and certainly.
        (22, [28, 28], 60, 60, "unknown"),
        (0, [60, 60], 120, 120, "broken"),
        # The control yields as often, so nothing can be seen; and the original does not yield.
        (60, [115, 115], 120, 120, "blind"),
        (0, [0, 0], 0, 120, "blind"),
    ],
)
def test_like_its_control(a, b, p, records, expected):
    assert state(NEAR, lines(NEAR.battery, a, b, p, records=records)) == expected


@pytest.mark.parametrize(("a", "records", "expected"), [(0, 120, "holds"), (40, 400, "holds"), (12, 60, "unknown")])
def test_the_far_tail_may_lie_within_the_limit_and_needs_no_original(a, records, expected):
    assert state(FAR, lines(FAR.battery, a, [0, 0], 0, records=records)) == expected
    assert state(FAR, lines(FAR.battery, records // 2, [0, 0], 0, records=records)) == "broken"


@pytest.mark.parametrize(
    ("a", "p", "records", "expected"),
    [(0, 100, 100, "holds"), (4, 60, 60, "unknown"), (40, 100, 100, "broken"), (0, 0, 100, "blind")],
)
def test_at_most_so_many(a, p, records, expected):
    found = [line for at in (25.0, 50.0) for line in lines(RUNS.battery, a, [0], p, records=records, budget=at)]
    assert state(RUNS, found) == expected


def test_a_budget_that_was_not_measured_leaves_it_open():
    assert state(RUNS, lines(RUNS.battery, 0, [0], 100, records=100, budget=25.0)) == "unknown"


def test_without_their_lengths_no_passage_counts():
    rule = Rule(name="runs", battery="scope.verbatim", asks="at_most", limit=0.05, budgets=(25.0,), least_tokens=50)
    found = lines(RUNS.battery, 0, [0], 100, records=100, budget=25.0)
    lengths = values_line(LENGTHS, "A", [64] * 100, trials=100, value=None, tier="sealed")
    assert [state(rule, found), state(rule, [*found, lengths])] == ["unknown", "holds"]


def test_never_seen_passages_too_short_for_the_run_are_no_control():
    """They never give it, so beside them a model that remembers nothing would seem to remember."""
    rule = Rule(name="runs", battery="scope.verbatim", asks="like_control", limit=0.15, budgets=(25,), least_tokens=50)

    def arm(name, found):
        return bits_line(rule.battery, name, found, budget=25.0, tier="sealed")

    strangers, given = [1] * 60 + [0] * 240, [1] * 60 + [0] * 40
    runs = [arm("A", given), arm("P", [1] * 100), arm("C", strangers)]
    tokens = {"A": [64] * 100, "C": [64] * 100 + [8] * 200}
    lengths = [
        values_line(LENGTHS, at, told, trials=len(told), value=None, tier="sealed") for at, told in tokens.items()
    ]
    [own] = arms_of([*runs, *lengths], rule)
    assert own.c == strangers[:100] and own.controls == [strangers[:100]]
    [unknown] = arms_of([*runs, lengths[0]], rule)
    assert unknown.controls == [], "without their lengths none of them is"


@pytest.mark.parametrize(
    ("a", "p", "records", "expected"),
    [
        (30, 120, 120, "holds"),
        (5, 30, 30, "unknown"),
        (80, 120, 120, "broken"),
        (0, 120, 120, "broken"),
        (30, 30, 120, "blind"),
    ],
)
def test_as_by_guessing(a, p, records, expected):
    assert state(CHOICE, lines(CHOICE.battery, a, [30], p, records=records, budget=4.0)) == expected


@pytest.mark.parametrize(
    ("a", "p", "expected"),
    [([1] * 40, [1] * 40, "holds"), ([0] * 40, [1] * 40, "broken"), ([0] * 40, [0] * 40, "unknown")],
)
def test_what_was_known_is_known_still(a, p, expected):
    found = [values_line(KEPT.battery, arm, v, trials=40, value=None, tier="sealed") for arm, v in (("A", a), ("P", p))]
    assert state(KEPT, found) == expected


def test_what_was_never_known_cannot_be_lost():
    a, p = [1] * 30 + [0] * 30, [1] * 30 + [0] * 30
    found = [values_line(KEPT.battery, arm, v, trials=60, value=None, tier="sealed") for arm, v in (("A", a), ("P", p))]
    assert state(KEPT, found) == "holds"


@pytest.mark.parametrize(("right", "trials", "expected"), [(80, 100, "holds"), (7, 10, "unknown"), (30, 100, "broken")])
def test_useful_still(right, trials, expected):
    assert state(USEFUL, [utility("A", right=right, trials=trials)]) == expected


def of_rules(*rules):
    return {**gate_policy("privacy"), "rules": [vars(rule) for rule in rules]}


def test_the_more_is_asked_the_surer_an_accusation_must_be():
    found = lines(NEAR.battery, 5, [0, 0], 120, records=120)
    many = [Rule(name=f"near {k}", battery=NEAR.battery, asks="like_control", limit=0.15) for k in range(200)]
    assert judged(found, of_rules(NEAR)).outcome == "failed"
    assert judged(found, of_rules(*many)).outcome != "failed"


def test_a_memory_is_named_before_damage():
    damage = [utility("A", right=10, trials=100)]
    found = judged([*lines(NEAR.battery, 90, [0, 0], 120, records=120), *damage], of_rules(NEAR, USEFUL))
    assert (found.outcome, found.kind) == ("failed", "residual")
    found = judged([*lines(NEAR.battery, 0, [0, 0], 120, records=120), *damage], of_rules(NEAR, USEFUL))
    assert (found.outcome, found.kind) == ("failed", "over_forgotten")


@pytest.mark.parametrize(("needed", "outcome"), [(True, "inconclusive"), (False, "passed")])
def test_what_is_blind_passes_only_where_it_is_not_needed(needed, outcome):
    rule = Rule(name="near", battery=NEAR.battery, asks="like_control", limit=0.15, needed=needed)
    assert judged(lines(NEAR.battery, 0, [0, 0], 0, records=120), of_rules(rule)).outcome == outcome
