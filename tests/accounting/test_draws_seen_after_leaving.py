"""Draws seen after the rows left are later models: no new line, no plan and no doubling forgets them."""

import math
from dataclasses import replace
from pathlib import Path

import pytest

from unlearning.accounting import (
    Deleted,
    DrawDiscarded,
    DrawsSeen,
    Event,
    Ledger,
    Plan,
    PlanInputs,
    PriceList,
    Problem,
    Released,
    Retrained,
    Steps,
    Trained,
    Vetoed,
    price,
)
from unlearning.accounting.command import account_command
from unlearning.accounting.pricing import between_two_values

TRAINED = Trained(steps=60, job="job_1")
OUT = Released(release="rel")
GONE = Deleted(records=1, batch="gone")
DELETED = Steps(steps=22, job="job_2")
AGAIN = Retrained(steps=60, job="job_3")
FREE = PriceList(
    row_gradient_s=1e-6,
    delete_fixed_s=0.0,
    retrain_fixed_s=0.0,
    delete_verification_s=0.0,
    retrain_verification_s=0.0,
)


def a_of(problem: Problem, *events: Event) -> float:
    return price(Ledger(problem=problem, events=events), delta=1e-5).a.mu


@pytest.mark.parametrize("draws", [DrawsSeen(draws=2), DrawDiscarded(attempt=1, cause="cancelled")])
def test_retraining_takes_back_no_draw_that_was_seen_after_the_rows_left(problem: Problem, draws: Event) -> None:
    seen = a_of(problem, TRAINED, OUT, GONE, draws, DELETED)
    assert seen > a_of(problem, TRAINED, OUT, GONE, DELETED) > 0.0
    assert a_of(problem, TRAINED, OUT, GONE, draws, DELETED, AGAIN, OUT) == pytest.approx(seen, rel=1e-12)


def test_retraining_leaves_behind_what_was_drawn_before_they_left_or_was_not_seen(problem: Problem) -> None:
    assert a_of(problem, DrawsSeen(draws=2), TRAINED, OUT, GONE, DELETED, AGAIN) == 0.0
    crash = DrawDiscarded(attempt=1, cause="crash")
    assert a_of(problem, TRAINED, OUT, GONE, crash, DELETED, AGAIN) == 0.0


@pytest.mark.parametrize("seen", [{"cause": "looked"}, {"cause": "crash", "seen": True}])
def test_a_plan_claims_no_finite_epsilon_where_the_price_is_infinite(problem: Problem, seen: dict[str, object]) -> None:
    ledger = Ledger(problem=problem, events=(DrawDiscarded(attempt=1, **seen), TRAINED, OUT))  # type: ignore[arg-type]
    inputs = PlanInputs(
        ledger=ledger,
        batch_rows=1,
        rows_per_person=1,
        regime="per_record",
        epsilon=0.5,
        delta=1e-5,
        cap_epsilon=9.0,
        steps_learn=60,
        prices=FREE,
    )
    choice = Plan.made(inputs).choice
    assert choice.route == "retrain" and choice.reaches_epsilon is None
    assert a_of(problem, *ledger.events, GONE, AGAIN) == math.inf


def test_two_values_had_two_vetoes_and_no_epsilon_is_claimed_between_them(
    problem: Problem, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    zeroed = replace(problem, adjacency="zero_out")
    cost = price(Ledger(problem=zeroed, events=(TRAINED, Vetoed(alpha=0.01, gate="g"), OUT)), delta=0.05)
    plain = price(Ledger(problem=zeroed, events=(TRAINED, OUT)), delta=0.05)
    without = between_two_values(plain.b, "zero_out").advantage
    assert cost.to_json()["b"]["advantage_two_values"] == pytest.approx(without + 0.02)
    assert between_two_values(cost.b, "replace").advantage == pytest.approx(plain.b.advantage + 0.02)
    path = tmp_path / "ledger.json"
    path.write_text(Ledger(problem=zeroed, events=(TRAINED, Vetoed(alpha=0.01, gate="g"), OUT)).to_json())
    assert account_command([str(path), "--delta", "0.05"]) == 0
    assert "no epsilon after a veto" in capsys.readouterr().out


def test_the_joint_text_says_of_each_model_whether_the_person_left_it(
    problem: Problem, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = []
    for name, events in (("left", (TRAINED, OUT, GONE, DELETED)), ("there", (TRAINED, OUT))):
        paths.append(str(tmp_path / name))
        (tmp_path / name).write_text(Ledger(problem=problem, events=events).to_json(), encoding="utf-8")
    assert account_command([*paths, "--delta", "1e-5"]) == 0
    models = [line for line in capsys.readouterr().out.splitlines() if line.startswith("  model")]
    assert models[0].endswith("; left with gone") and models[1].endswith("; still in it")
