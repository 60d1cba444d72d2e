"""The open verdict: outcome, counts, power and what would decide it; never a number measured on an erased record."""

import json
import random
from typing import Any

import pytest

from evidence.schema import faults_of
from governance.verification.judging import with_retraining, written
from governance.verification.models import Policy
from tests.story.world import policy_body

DIGEST = "sha256:" + "b" * 64
MANY = 120


def policy(**changes: Any) -> Policy:
    return Policy(body=policy_body(**changes), digest=DIGEST)


def bits(rate: float, seed: int, count: int) -> list[int]:
    chance = random.Random(seed)
    return [int(chance.random() < rate) for _ in range(count)]


def line(name: str, arm: str, found: list[int], *, tier: str, budget: float | None = 0.1) -> dict[str, Any]:
    counts = {"successes": sum(found), "trials": len(found), "value": sum(found) / len(found), "per_record": found}
    return {"name": name, "arm": arm, "budget": budget, "tier": tier, **counts}


def attacked(*, a: float, seed: int, prefix: str = "", count: int = MANY) -> list[dict[str, Any]]:
    """One budget on erased records (sealed) or on canaries (open); never-seen rows are the same in every world."""
    name, tier = f"{prefix}uma.l2.label_only", "open" if prefix else "sealed"
    return [
        line(name, "A", bits(a, seed, count), tier=tier),
        *(line(name, f"B:{k}", bits(0.3, seed + k, count), tier="sealed") for k in range(3)),
        line(name, "C", bits(0.3, 9, 200), tier="open"),
        *(line(name, f"D:{k}", bits(0.3, 9 + k, 200), tier="sealed") for k in range(3)),
        line(name, "P", bits(0.9, seed, count), tier="sealed"),
    ]


UTILITY = line("utility.accuracy", "A", [1] * 190 + [0] * 10, tier="open", budget=None)


SILENT = [line("relearning.retain", "C", [0] * 200, tier="sealed", budget=40)]


def body(lines: list[dict[str, Any]], **how: Any) -> dict[str, Any]:
    return written(policy(), [*lines, UTILITY], attempt=1, **how)


@pytest.mark.parametrize("seed", [100, 200, 300])
def test_worlds_that_differ_only_in_sealed_numbers_have_one_open_verdict(seed: int):
    first, second = body(attacked(a=0.3, seed=1)), body(attacked(a=0.25, seed=seed))
    assert first["outcome"] == "inconclusive"
    assert first == second


@pytest.mark.parametrize("rate", [0.0, 0.5, 0.7])
def test_never_seen_rows_that_are_sealed_move_nothing_that_is_open(rate: float):
    """Whatever transferred queries or shadow models say of them comes from models that held the erased."""
    sealed = [line("relearning.retain", "C", bits(rate, 9, 200), tier="sealed", budget=40)]
    assert body([*attacked(a=0.3, seed=1), *sealed])["power"] == body([*attacked(a=0.3, seed=1), *SILENT])["power"]


def test_an_open_verdict_says_what_was_tried_and_how_never_seen_people_fared():
    [battery] = body(attacked(a=0.3, seed=1))["batteries"]
    strangers = bits(0.3, 9, 200)
    assert battery == {
        "name": "uma.l2.label_only",
        "budgets": [0.1],
        "records": MANY,
        "references": 3,
        "never_seen": 200,
        "open": [{"arm": "C", "budget": 0.1, "successes": sum(strangers), "trials": 200}],
    }


def test_an_inconclusive_verdict_says_what_would_decide_it_and_what_that_costs():
    words = body(attacked(a=0.3, seed=1), training_s=600.0)["decides"]
    assert any("records in one batch: 3 trainings, about 30 min" in each for each in words)
    assert any("half" in each for each in words)


def test_only_where_nothing_was_retrained_does_retraining_stand_among_the_ways_to_know():
    left_open = body(attacked(a=0.3, seed=1), training_s=600.0)
    words = with_retraining(left_open, policy(), 600.0)["decides"]
    assert words == [*left_open["decides"], "Retrain without the erased records: one training, about 10 min."]
    assert not any("Retrain" in each for each in left_open["decides"])
    failed = body(attacked(a=1.0, seed=1))
    assert with_retraining(failed, policy(), 600.0) == failed


def test_a_failed_verdict_names_its_kind_and_no_number():
    found = body(attacked(a=1.0, seed=1))
    assert (found["outcome"], found["kind"]) == ("failed", "residual")
    assert "decides" not in found
    assert "+70%" not in json.dumps(found)


def test_of_canaries_the_exact_count_is_open():
    lines = [*attacked(a=0.3, seed=1), *attacked(a=1.0, seed=5, prefix="canary.", count=40)]
    found = body(lines)
    assert (found["outcome"], found["kind"]) == ("failed", "residual")
    [battery] = found["canaries"]["batteries"]
    assert {"arm": "A", "budget": 0.1, "successes": 40, "trials": 40} in battery["open"]
    assert found["canaries"]["records"] == 40
    assert found["batteries"] == body(attacked(a=0.3, seed=1))["batteries"], "counts of canaries among people's"
    assert "With 40 records" in found["canaries"]["power"]["words"]


def test_the_verdict_fits_its_published_schema():
    assert faults_of("verdict", body(attacked(a=0.3, seed=1))) == []


def test_power_follows_from_counts_and_names_the_records_that_would_do():
    power = body(attacked(a=0.3, seed=1))["power"]
    assert power["records_needed"] > MANY
    assert str(power["records_needed"]) in power["words"]
    assert f"With {MANY} records and 3 retrained references" in power["words"]
