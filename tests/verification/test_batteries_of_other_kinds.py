"""Probes and membership are judged like the attack, each only where it could have seen a memory."""

import random
from typing import Any

import pytest

from governance.verification.verdict import Finding, Qualified, Rung, Utility, judge

POLICY: dict[str, Any] = {"margin": 0.10, "level": 0.05, "utility_floor": 0.8, "resamples": 200, "seed": 7}
USEFUL = Utility(successes=960, trials=1000)
MANY = 600


def bits(rate: float, seed: int, count: int = MANY) -> list[int]:
    chance = random.Random(seed)
    return [int(chance.random() < rate) for _ in range(count)]


def rung(*, a: float, b: float = 0.2, p: float = 0.9, c: float = 0.2, count: int = MANY) -> Rung:
    """Rates per arm. Records are as hard for every model, so that equal rates are equal bits."""
    return Rung(
        budget=0.05,
        a=bits(a, 1, count),
        b=[bits(b, 1, count)] * 5,
        c=bits(c, 2, count),
        d=[bits(c, 2, count)] * 5,
        e=[],
        p=bits(p, 1, count),
    )


def with_attack(**others: Rung) -> dict[str, list[Rung]]:
    """An attack that found nothing and could have, beside other batteries (their dots written as two underscores)."""
    named = {name.replace("__", "."): [each] for name, each in others.items()}
    return {"uma.linf.label_only": [rung(a=0.2)], **named}


def found(policy: dict[str, Any] | None = None, **others: Rung) -> Finding:
    return judge(with_attack(**others), USEFUL, POLICY | (policy or {}))


def test_what_only_a_probe_sees_fails_the_model():
    assert found().outcome == "passed"
    assert found(relearning__records=rung(a=0.6)).outcome == "failed_residual"


def test_a_probe_that_the_original_does_not_answer_to_neither_fails_nor_passes_anything():
    blind = rung(a=0.2, p=0.2)
    result = found(probe__linear=blind)
    assert result.outcome == "passed"
    assert result.uninformative == ["probe.linear"]


def test_a_candidate_that_stands_out_where_the_original_does_not_is_a_doubt():
    strange = found(probe__linear=rung(a=0.6, p=0.2))
    assert strange.outcome == "inconclusive"
    assert any("stands out" in reason.text and not reason.open for reason in strange.reasons)


def test_a_required_probe_must_have_been_able_to_see():
    required = {"required": ["uma", "probe.linear"]}
    assert found(required, probe__linear=rung(a=0.2)).outcome == "passed"
    blind = found(required, probe__linear=rung(a=0.2, p=0.2))
    assert blind.outcome == "inconclusive"
    assert any("Of probe.linear" in reason.text and not reason.open for reason in blind.reasons)
    absent = found(required)
    assert absent.outcome == "inconclusive"
    assert any("nothing of it was measured" in reason.text and reason.open for reason in absent.reasons)


def test_members_in_the_far_tail_are_over_forgotten_and_in_the_near_tail_residual():
    near, far = rung(a=0.2), rung(a=0.6, p=0.0)
    assert found(membership__loss__near=near, membership__loss__far=far).outcome == "failed_over_forgotten"
    told, quiet = rung(a=0.6), rung(a=0.2, p=0.0)
    assert found(membership__loss__near=told, membership__loss__far=quiet).outcome == "failed_residual"


def test_the_far_tail_says_nothing_where_the_near_tail_sees_no_members():
    near, far = rung(a=0.2, p=0.2), rung(a=0.6, p=0.0)
    result = found(membership__loss__near=near, membership__loss__far=far)
    assert result.outcome == "passed"
    assert result.uninformative == ["membership.loss.far", "membership.loss.near"]


def test_a_probe_beyond_the_margin_keeps_a_model_from_passing():
    """Too uncertain to fail, too far to pass."""
    doubtful = found(probe__centroid=rung(a=0.3, count=40))
    assert doubtful.outcome == "inconclusive"


@pytest.mark.parametrize(("control", "outcome"), [(0.88, "failed_residual"), (0.92, "inconclusive")])
def test_where_retraining_yields_nearly_every_label_an_excess_is_fragility(control: float, outcome: str):
    everywhere = {"uma.linf.label_only": [rung(a=1.0, b=control, p=1.0)]}
    assert judge(everywhere, USEFUL, POLICY).outcome == outcome


def test_for_a_whole_class_the_never_seen_rows_of_it_excuse_nothing():
    leak = {"uma.linf.label_only": [rung(a=0.6, c=0.2)]}
    [here] = leak["uma.linf.label_only"]
    weak = {"uma.linf.label_only": [Rung(**{**vars(here), "c": bits(0.7, 2)})]}
    assert judge(leak, USEFUL, POLICY).outcome == "failed_residual"
    assert judge(weak, USEFUL, POLICY).outcome != "failed_residual"
    assert judge(weak, USEFUL, POLICY | {"scope": "class"}).outcome == "failed_residual"


ABSENT = {"references_by": "qualification"}
KNOWN = Qualified(outcome="passed", digest="sha256:" + "a" * 64)


def against_strangers(*, a: float, qualification: Qualified | None, policy: dict[str, Any] | None = None) -> Finding:
    there = rung(a=a)
    alone = Rung(**{**vars(there), "b": [], "d": [], "c": bits(0.2, 9, 2 * MANY)})
    return judge({"uma.l2.label_only": [alone]}, USEFUL, POLICY | (policy or ABSENT), qualification=qualification)


def test_a_qualified_recipe_passes_against_never_seen_rows_and_says_so():
    result = against_strangers(a=0.2, qualification=KNOWN)
    assert result.outcome == "passed"
    assert any(KNOWN.digest in reason.text and "never-seen" in reason.text and reason.open for reason in result.reasons)


@pytest.mark.parametrize(("rate", "outcome"), [(0.6, "failed_residual"), (0.02, "failed_over_forgotten")])
def test_a_qualified_recipe_still_fails_where_this_batch_stands_out(rate: float, outcome: str):
    assert against_strangers(a=rate, qualification=KNOWN).outcome == outcome


@pytest.mark.parametrize("qualification", [None, Qualified(outcome="inconclusive", digest=KNOWN.digest)])
@pytest.mark.parametrize("rate", [0.2, 0.6])
def test_without_a_qualification_that_passed_there_is_at_most_an_indication(
    qualification: Qualified | None, rate: float
):
    result = against_strangers(a=rate, qualification=qualification)
    assert result.outcome == "inconclusive"
    assert any("no qualification that passed" in reason.text and reason.open for reason in result.reasons)
    assert not any("gives back" in reason.text and reason.open for reason in result.reasons)


def test_a_model_of_no_use_fails_under_every_control():
    wrecked = Utility(successes=400, trials=1000)
    alone = Rung(**{**vars(rung(a=0.2)), "b": [], "d": []})
    assert judge({"uma": [alone]}, wrecked, POLICY | ABSENT).outcome == "failed_over_forgotten"


def test_a_qualification_does_not_replace_references_that_the_policy_asks_for():
    result = against_strangers(a=0.2, qualification=KNOWN, policy={"references_by": "fresh"})
    assert result.outcome == "inconclusive"
