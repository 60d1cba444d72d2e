"""One person over every model that held them, and what the command prints."""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from unlearning.accounting import (
    CheckpointKept,
    Deleted,
    Event,
    Holding,
    Inserted,
    Ledger,
    MeasurementShown,
    Problem,
    Released,
    Stay,
    Steps,
    Trained,
    Vetoed,
    price,
    subject_price,
)
from unlearning.accounting.command import account_command

TRAINED = Trained(steps=60, job="job_1")
OUT = Released(release="rel")
GONE = Deleted(records=1, batch="gone")
DELETED = Steps(steps=22, job="job_2")


@pytest.fixture
def ledger(problem: Problem) -> Ledger:
    return Ledger(problem=problem, events=(TRAINED, OUT, GONE, DELETED))


@pytest.mark.parametrize(("models", "mu", "epsilon"), [(3, 0.87, 3.7), (5, 1.12, 5.0)])
def test_several_models_cost_the_root_of_the_sum_of_squares(
    ledger: Ledger, models: int, mu: float, epsilon: float
) -> None:
    joint = subject_price([ledger] * models, delta=1e-5)
    assert (joint.b.mu, joint.b.epsilon(1e-5)) == (pytest.approx(mu, abs=5e-3), pytest.approx(epsilon, abs=0.05))
    assert joint.a.mu == pytest.approx(math.sqrt(models) * price(ledger, delta=1e-5).a.mu, rel=1e-12)
    assert joint.b_before == joint.b and len(joint.prices) == models


def test_one_model_is_its_own_price_and_no_model_costs_nothing(ledger: Ledger) -> None:
    one, alone = subject_price([ledger], delta=1e-5), price(ledger, delta=1e-5)
    assert (one.a, one.b, one.b_before) == (alone.a, alone.b, alone.b_before)
    assert subject_price([], delta=1e-5).b.epsilon(1e-5) == 0.0


def test_a_model_without_a_ledger_has_no_bound(ledger: Ledger) -> None:
    joint = subject_price([ledger, None], delta=1e-5)
    assert (joint.a.mu, joint.b.mu, joint.b_before.mu) == (math.inf, math.inf, math.inf)
    answer = json.loads(json.dumps(joint.to_json(), allow_nan=False))
    assert (answer["b"]["epsilon"], answer["models"][1]) == ("infinite", None)


@pytest.mark.parametrize(("rows", "epsilon"), [(1, 0.73), (5, 4.4), (10, 10.0), (50, 92.0)])
def test_a_person_with_many_rows_pays_for_all_of_them(problem: Problem, rows: int, epsilon: float) -> None:
    mild = replace(problem, sigma=problem.sigma * 0.5 / 0.2)
    joint = subject_price([Holding(ledger=Ledger(problem=mild, events=(TRAINED, OUT)), group=rows)], delta=1e-5)
    assert joint.b.mu == pytest.approx(0.2 * rows, rel=1e-9)
    assert joint.b.epsilon(1e-5) == pytest.approx(epsilon, rel=0.02)


def test_each_model_may_have_held_other_rows_at_another_time_and_reserves_add(problem: Problem) -> None:
    early = Ledger(problem=problem, events=(TRAINED, OUT, Vetoed(alpha=1e-6, gate="g"), GONE, DELETED))
    late = Ledger(
        problem=replace(problem, rows=990),
        events=(TRAINED, OUT, Inserted(records=1, batch="in"), DELETED, OUT, Vetoed(alpha=2e-6, gate="g")),
    )
    held = (Holding(ledger=early, batch="gone"), Holding(ledger=late, stays=(Stay(joined="in"),)))
    joint = subject_price(held, delta=1e-5)
    parts = [one for one in joint.prices if one is not None]
    assert joint.b.mu == pytest.approx(math.hypot(*(one.b.mu for one in parts)), rel=1e-12)
    assert joint.b.reserve == pytest.approx(3e-6) == pytest.approx(joint.to_json()["delta_reserve"])
    assert joint.b.epsilon(1e-5) > replace(joint.b, reserve=0.0).epsilon(1e-5)


def test_the_words_of_the_joint_number_are_those_of_its_weakest_model(problem: Problem, ledger: Ledger) -> None:
    zeroed = Ledger(problem=replace(problem, adjacency="zero_out"), events=ledger.events)
    assert subject_price([ledger, zeroed], delta=1e-5).adjacency == "zero_out"
    assert "twice" in subject_price([ledger, zeroed], delta=1e-5).to_json()["compares"]
    assert subject_price([ledger, None], delta=1e-5).adjacency == "replace"


def printed(tmp_path: Path, capsys: pytest.CaptureFixture[str], *ledgers: Ledger, options: tuple[str, ...] = ()) -> str:
    paths = []
    for at, ledger in enumerate(ledgers):
        path = tmp_path / f"ledger-{at}.json"
        path.write_text(ledger.to_json(), encoding="utf-8")
        paths.append(str(path))
    assert account_command([*paths, "--delta", "1e-5", *options]) == 0
    return capsys.readouterr().out


def test_the_command_prints_one_person_over_several_models(
    ledger: Ledger, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = printed(tmp_path, capsys, ledger, ledger, ledger)
    assert "over 3 models together" in text and "mu 0.866" in text and "model 3: B mu 0.5" in text
    answer = json.loads(printed(tmp_path, capsys, ledger, ledger, ledger, options=("--json",)))
    assert answer == subject_price([ledger] * 3, delta=1e-5).to_json()


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (Vetoed(alpha=2e-6, gate="approvers"), "Vetoes took 2e-06 of delta"),
        (MeasurementShown(measurement="loss"), "epsilon inf"),
        (CheckpointKept(job="job_1"), "A  later releases only             mu 0.5"),
    ],
)
def test_the_command_prints_what_the_new_events_cost(
    ledger: Ledger, tmp_path: Path, capsys: pytest.CaptureFixture[str], event: Event, words: str
) -> None:
    assert words in printed(tmp_path, capsys, ledger.then(event))
    answer = json.loads(printed(tmp_path, capsys, ledger.then(event), options=("--json",)))
    assert answer == price(ledger.then(event), delta=1e-5).to_json()


def test_the_command_says_twice_for_two_values_and_nothing_bought_without_an_assumption(
    problem: Problem, ledger: Ledger, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    zeroed: dict[str, Any] = {"adjacency": "zero_out", "sigma": problem.sigma * 0.5 / 0.4}
    text = printed(tmp_path, capsys, Ledger(problem=replace(problem, **zeroed), events=ledger.events))
    assert "B  all releases                    mu 0.2 " in text and "advantage 0.080" in text
    assert "B  two values                      mu 0.4 " in text and "advantage 0.159" in text
    bare = Ledger(problem=replace(problem, assumption="none"), events=ledger.events)
    assert "steps buy nothing" in printed(tmp_path, capsys, bare)
    assert "steps buy nothing" not in text and "two values" not in printed(tmp_path, capsys, ledger)


def test_the_command_prices_mini_batches_too(
    problem: Problem, ledger: Ledger, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parted = Ledger(problem=replace(problem, batch=100), events=ledger.events)
    assert f"mu {price(parted, delta=1e-5).b.mu:.4g}" in printed(tmp_path, capsys, parted)


def test_the_command_names_the_ledger_it_cannot_read(
    ledger: Ledger, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = tmp_path / "there.json"
    there.write_text(ledger.to_json(), encoding="utf-8")
    assert account_command([str(there), str(tmp_path / "gone.json"), "--delta", "1e-5"]) == 64
    assert "gone.json" in capsys.readouterr().err
