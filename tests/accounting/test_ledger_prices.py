"""What each event costs: the price list of the guarantees, and the accountant's contract."""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unlearning.accounting import (
    AccountingError,
    Deleted,
    Destroyed,
    DrawDiscarded,
    DrawsSeen,
    Effective,
    Event,
    Ledger,
    Price,
    Problem,
    Released,
    Retrained,
    Steps,
    Trained,
    deletion_bound,
    learning_privacy,
    price,
    price_next_release,
    require_release_within,
)
from unlearning.accounting.command import account_command
from unlearning.accounting.pricing import finite_or_word

TRAINED = Trained(steps=60, job="job_1")
OUT = Released(release="rel_1")
GONE = Deleted(records=1, batch="job_2")
NOW = Destroyed(at="2026-11-20T23:00:00Z"), Effective(at="2026-11-20T23:00:01Z")


def steps(count: int) -> Steps:
    return Steps(steps=count, job="job_2")


def cost(problem: Problem, *events: Event, **options: Any) -> Price:
    return price(Ledger(problem=problem, events=events), delta=1e-5, **options)


def test_nothing_done_costs_nothing(problem: Problem) -> None:
    empty = cost(problem)
    assert (empty.a.mu, empty.b.mu, empty.b_before.mu, empty.b.epsilon(1e-5)) == (0.0, 0.0, 0.0, 0.0)


def test_a_person_without_rows_pays_nothing(problem: Problem) -> None:
    looked = DrawDiscarded(attempt=1, cause="looked")
    assert cost(problem, TRAINED, OUT, GONE, looked, steps(5), group=0).b.mu == 0.0


def test_a_plain_deletion_keeps_b_and_lowers_a(problem: Problem, example: dict[str, Any]) -> None:
    deleted = cost(problem, TRAINED, OUT, GONE, steps(22), Released(release="rel_2"), *NOW)
    assert deleted.b.mu == deleted.b_before.mu == pytest.approx(0.5, rel=1e-12)
    assert deleted.a.mu == deletion_bound(**example, steps_learn=60, steps_delete=22).mu
    assert deleted.b.epsilon(1e-5) == pytest.approx(1.99, abs=0.005)


def test_b_never_shows_that_a_deletion_happened(problem: Problem) -> None:
    assert cost(problem, TRAINED, OUT, GONE).b == cost(problem, TRAINED, OUT, GONE, steps(50), OUT).b


def test_a_deletion_without_steps_leaves_the_whole_learning_price_in_a(problem: Problem) -> None:
    assert cost(problem, TRAINED, OUT, GONE).a.mu == pytest.approx(0.5, rel=1e-12)


def test_a_model_never_released_before_its_deletion_still_counts(problem: Problem, example: dict[str, Any]) -> None:
    hidden = cost(problem, TRAINED, GONE, steps(22), OUT)
    assert hidden.b.mu == hidden.a.mu == deletion_bound(**example, steps_learn=60, steps_delete=22).mu
    assert hidden.b_before.mu == pytest.approx(0.5, rel=1e-12)


def test_retraining_never_held_the_person_and_forgets_nothing_published(problem: Problem) -> None:
    retrained = cost(problem, TRAINED, OUT, GONE, Retrained(steps=60, job="job_2"), Released(release="rel_2"))
    assert (retrained.a.mu, retrained.b.mu) == (0.0, pytest.approx(0.5, rel=1e-12))


def test_a_line_abandoned_unpublished_is_charged_as_if_it_had_been_seen(problem: Problem) -> None:
    assert cost(problem, TRAINED, GONE, Retrained(steps=60, job="job_2")).b.mu == pytest.approx(0.5, rel=1e-12)


@pytest.mark.parametrize(("delete", "year"), [(9, 2.42), (60, 3.60)])
def test_a_year_of_weekly_releases_costs_what_the_reference_says(problem: Problem, delete: int, year: float) -> None:
    weeks: list[Event] = [TRAINED, OUT]
    for week in range(51):
        run = Retrained(steps=60, job=f"job_{week}") if delete == 60 else steps(delete)
        weeks += [Deleted(records=1, batch=f"job_{week}"), run, Released(release=f"rel_{week}")]
    spent = price_next_release(Ledger(problem=problem, events=tuple(weeks))).spent
    assert spent.mu == pytest.approx(year, abs=0.011)


def test_later_batches_leave_earlier_people_where_they_were(problem: Problem) -> None:
    first = (TRAINED, OUT, GONE, steps(9), Released(release="rel_2"))
    then = (*first, Deleted(records=1, batch="job_3"), steps(9), Released(release="rel_3"))
    assert cost(problem, *then, batch="job_2").b == cost(problem, *first).b
    assert cost(problem, *then, batch="job_2").a.mu == cost(problem, *first).a.mu, "rel_2 has been seen"
    assert cost(problem, *then).batch == "job_3"
    assert cost(problem, *then).b.mu > cost(problem, *first).b.mu


def test_rows_of_one_person_count_linearly_and_the_contribution_cap_is_the_default(problem: Problem) -> None:
    events = (TRAINED, OUT, GONE, steps(22))
    assert cost(problem, *events, group=5).a.mu == pytest.approx(5 * cost(problem, *events).a.mu)
    assert cost(replace(problem, contribution_cap=5), *events) == cost(problem, *events, group=5)


@pytest.mark.parametrize("cause", ["crash", "lease_lost", "out_of_memory"])
def test_a_draw_lost_for_a_public_cause_and_unseen_is_free(problem: Problem, cause: str) -> None:
    lost = DrawDiscarded(attempt=1, cause=cause)
    assert cost(problem, TRAINED, OUT, GONE, lost, steps(22)) == cost(problem, TRAINED, OUT, GONE, steps(22))


@pytest.mark.parametrize("draw", [DrawDiscarded(attempt=1, cause="cancelled"), DrawsSeen(draws=2)])
def test_a_second_draw_costs_what_two_draws_cost(problem: Problem, example: dict[str, Any], draw: Event) -> None:
    twice = cost(problem, TRAINED, OUT, GONE, draw, steps(22))
    assert twice.a.mu == deletion_bound(**example, steps_learn=60, steps_delete=22, draws=2).mu
    stretch = learning_privacy(**example, steps_learn=60).mu
    assert cost(problem, draw, TRAINED, OUT).b.mu == pytest.approx(math.sqrt(2) * stretch)


@pytest.mark.parametrize("draw", [DrawDiscarded(attempt=1, cause="cancelled"), DrawsSeen(draws=2)])
def test_a_draw_written_after_its_run_is_refused_because_it_would_cost_nothing(problem: Problem, draw: Event) -> None:
    late = Ledger(problem=problem, events=(TRAINED, OUT, GONE, steps(22), draw))
    for ask in (lambda: price(late, delta=1e-5), lambda: price_next_release(late)):
        with pytest.raises(AccountingError) as refusal:
            ask()
        assert refusal.value.code == "LEDGER_MALFORMED"


def test_draws_seen_of_an_earlier_run_are_known_points_for_a_too(problem: Problem) -> None:
    seen = cost(problem, DrawsSeen(draws=2), TRAINED, GONE, steps(22))
    assert seen.a.mu == pytest.approx(math.sqrt(2) * 0.5)


@pytest.mark.parametrize(
    "draw", [DrawDiscarded(attempt=1, cause="looked"), DrawDiscarded(attempt=1, cause="crash", seen=True)]
)
def test_a_choice_that_looked_at_rows_has_no_finite_price(problem: Problem, draw: DrawDiscarded) -> None:
    looked = cost(problem, TRAINED, OUT, GONE, draw, steps(22))
    assert (looked.a.mu, looked.b.mu, looked.b.epsilon(1e-5)) == (math.inf, math.inf, math.inf)
    assert looked.b_before.mu == pytest.approx(0.5)
    assert json.loads(json.dumps(looked.to_json(), allow_nan=False))["a"]["epsilon"] == "infinite"


def test_without_an_assumption_every_stretch_composes_and_steps_buy_nothing(problem: Problem) -> None:
    bare = replace(problem, assumption="none")
    deleted = cost(bare, TRAINED, OUT, GONE, steps(500))
    assert deleted.a == deleted.b == deleted.b_before
    assert deleted.b.mu == pytest.approx(2e-3 / (math.sqrt(2) * problem.sigma) * math.sqrt(60))


def test_rounding_is_charged_in_every_step_while_the_two_worlds_differ(problem: Problem) -> None:
    coarse, events = replace(problem, rho=1e-4), (TRAINED, OUT, GONE, steps(22))
    assert cost(coarse, *events).b.mu > cost(problem, *events).b.mu
    assert cost(coarse, *events).a.mu > cost(problem, *events).a.mu
    assert cost(coarse, *events).b == cost(coarse, *events).b_before  # from a published point both worlds are one
    assert cost(coarse, TRAINED, OUT, GONE, Retrained(steps=9, job="job_2")).a.mu == 0.0


def test_zero_out_says_that_two_values_cost_twice(problem: Problem) -> None:
    halved = replace(problem, adjacency="zero_out", sigma=problem.sigma * 0.5 / 0.4)
    answer = cost(halved, TRAINED, OUT).to_json()["b"]
    assert answer["mu"] == pytest.approx(0.2, rel=1e-12)
    assert (answer["advantage"], answer["advantage_two_values"]) == (
        pytest.approx(0.0797, abs=1e-4),
        pytest.approx(0.1585, abs=1e-4),
    )
    assert "twice" in cost(halved, TRAINED, OUT).compares


def test_removal_divides_by_the_rows_that_are_still_there(problem: Problem) -> None:
    shrinking, half = replace(problem, adjacency="remove"), Deleted(records=500, batch="job_9")
    fixed = replace(problem, adjacency="replace")
    late = (TRAINED, OUT, half, steps(60), Released(release="rel_2"))
    spent = {p.adjacency: price_next_release(Ledger(problem=p, events=late)).spent.mu for p in (shrinking, fixed)}
    assert spent["replace"] == pytest.approx(0.5 * math.sqrt(2), rel=1e-9)
    assert spent["remove"] == pytest.approx(0.5 * math.sqrt(1 + 4), rel=1e-9)


def test_sizing_noise_by_the_row_count_would_betray_it_so_the_problem_is_frozen(problem: Problem) -> None:
    before = Ledger(problem=problem, events=(TRAINED, OUT))
    after = before.then(GONE, steps(22))
    assert after.problem is before.problem
    assert (after.problem.sigma, after.problem.eta, after.problem.n) == (problem.sigma, problem.eta, 1000)
    assert price_next_release(after.then(OUT, steps(60))).after.mu ** 2 - price_next_release(
        after
    ).after.mu ** 2 == pytest.approx(0.25, rel=1e-9)


def test_the_next_release_is_priced_before_it_is_made(problem: Problem) -> None:
    ledger = Ledger(problem=problem, events=(TRAINED, OUT, GONE, steps(22)))
    ahead = price_next_release(ledger)
    assert ahead.spent.mu == pytest.approx(0.5, rel=1e-12)
    assert ahead.after == price_next_release(ledger.then(OUT)).spent
    assert ahead.after.mu > ahead.spent.mu


def test_a_release_above_the_cap_is_refused_and_told_by_how_much(problem: Problem) -> None:
    ledger = Ledger(problem=problem, events=(TRAINED, OUT, GONE, steps(22)))
    after = price_next_release(ledger).after.epsilon(1e-5)
    assert require_release_within(ledger, cap_epsilon=after, delta=1e-5).after.epsilon(1e-5) == after
    with pytest.raises(AccountingError) as refusal:
        require_release_within(ledger, cap_epsilon=after - 0.25, delta=1e-5)
    assert refusal.value.code == "BUDGET_EXCEEDED"
    assert "0.25 above the cap" in refusal.value.message
    assert ledger.then(Deleted(records=1, batch="job_3"), steps(9)).removed == 2  # deleting stays allowed


def test_an_event_the_accountant_does_not_know_is_an_error_never_zero(problem: Problem) -> None:
    class Blessing(Event):
        event = "blessing"

    with pytest.raises(AccountingError) as refusal:
        cost(problem, TRAINED, Blessing())
    assert refusal.value.code == "UNKNOWN_EVENT"


def test_a_batch_that_is_not_in_the_ledger_is_refused(problem: Problem) -> None:
    with pytest.raises(AccountingError) as refusal:
        cost(problem, TRAINED, OUT, batch="job_77")
    assert refusal.value.code == "LEDGER_MALFORMED"


EVENTS = st.lists(
    st.one_of(
        st.just(OUT), st.integers(1, 80).map(steps), st.integers(1, 80).map(lambda k: Retrained(steps=k, job="r"))
    ),
    max_size=8,
)


@settings(deadline=None, max_examples=60)
@given(before=EVENTS, after=EVENTS, learn=st.integers(1, 80))
def test_publishing_never_helps_and_a_never_exceeds_b(before: list[Event], after: list[Event], learn: int) -> None:
    shape: dict[str, Any] = {
        "lam": 0.1,
        "beta": 0.25,
        "lipschitz": 1.0,
        "n": 100,
        "eta": 1.0,
        "sigma": 0.05,
        "rho": 0.0,
    }
    problem = Problem(**shape, features=2, classes=2, norm_bound=1.0)
    whole = [Trained(steps=learn, job="t"), *before, GONE, *after]
    silent = [event for event in whole if not isinstance(event, Released)]
    loud = [event for step in whole for event in ((step, OUT) if isinstance(step, Steps) else (step,))]
    price_of = [cost(problem, *events) for events in (silent, whole, loud)]
    assert price_of[0].b.mu <= price_of[1].b.mu * (1 + 1e-9) and price_of[1].b.mu <= price_of[2].b.mu * (1 + 1e-9)
    assert all(one.a.mu <= one.b.mu * (1 + 1e-9) and one.b.mu <= one.b_before.mu * (1 + 1e-9) for one in price_of)


def test_the_command_prints_both_numbers_as_text_and_json(
    problem: Problem, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "ledger.json"
    ledger = Ledger(problem=problem, events=(TRAINED, OUT, GONE, steps(22)))
    path.write_text(ledger.to_json(), encoding="utf-8")
    assert account_command([str(path), "--delta", "1e-5"]) == 0
    text = capsys.readouterr().out
    assert (
        "B  all releases" in text
        and "epsilon 1.99" in text
        and "A  later releases only" in text
        and "mu 0.0492" in text
    )
    assert account_command([str(path), "--delta", "1e-5", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == price(ledger, delta=1e-5).to_json()


def test_the_command_refuses_with_a_code_a_remedy_and_exit_64(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "ledger.json"
    path.write_text('{"format":"obelus/ledger/9","problem":{},"events":[]}', encoding="utf-8")
    assert account_command([str(path), "--delta", "1e-5"]) == 64
    assert "LEDGER_MALFORMED" in capsys.readouterr().err
    assert account_command([str(tmp_path / "absent.json"), "--delta", "1e-5"]) == 64
    assert "Cannot read" in capsys.readouterr().err


def test_numbers_that_json_cannot_hold_become_a_word() -> None:
    assert (finite_or_word(math.inf), finite_or_word(0.5)) == ("infinite", 0.5)
