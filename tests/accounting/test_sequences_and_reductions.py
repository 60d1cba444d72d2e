"""Whole lives in phases, requests that know releases, and what publishing less often saves."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.accounting.gaussian_worlds import exact_mu, string_mu
from unlearning.accounting import (
    AccountingError,
    Deleted,
    Event,
    Inserted,
    Ledger,
    Phase,
    Problem,
    Released,
    Stay,
    Steps,
    Trained,
    adaptive_reduction,
    deletion_bound,
    deletion_sequence,
    learning_privacy,
    price,
    publishing_schedules,
    schedules_after,
    schedules_text,
)
from unlearning.accounting.reduction import reduction_theorem


def test_learning_and_one_deletion_are_a_sequence_of_two_phases(example: dict[str, Any]) -> None:
    quiet = deletion_sequence(**example, phases=(Phase(steps=60, rows=1), Phase(steps=22)))
    closed = deletion_bound(**example, steps_learn=60, steps_delete=22)
    assert (quiet.a.mu, quiet.b.mu, quiet.mu) == (closed.mu, closed.mu, closed.mu)
    loud = deletion_sequence(**example, phases=(Phase(steps=60, rows=1, published=True), Phase(steps=22)))
    assert (loud.a.mu, loud.b.mu) == (closed.mu, pytest.approx(0.5, rel=1e-12))
    assert loud.epsilon(1e-5) == pytest.approx(1.99, abs=0.005) and loud.renyi(8.0) == pytest.approx(1.0, rel=1e-9)


def test_noise_spent_before_an_insertion_earns_no_credit(example: dict[str, Any]) -> None:
    late = deletion_sequence(**example, phases=(Phase(steps=500), Phase(steps=60, rows=1), Phase(steps=22)))
    assert late.a.mu == pytest.approx(deletion_bound(**example, steps_learn=60, steps_delete=22).mu, rel=1e-9)
    drifts = [0.0] * 500 + [2e-3] * 60 + [0.0] * 22
    noise = math.sqrt(2) * example["sigma"]
    assert late.a.mu >= exact_mu(0.9, drifts, noise, [582])
    assert late.a.mu == pytest.approx(exact_mu(0.9, drifts, noise, [500, 582]), rel=1e-9)


def test_a_person_deleted_and_registered_again_starts_a_new_stretch_and_adds_to_the_old_b(
    problem: Problem, example: dict[str, Any]
) -> None:
    phases = (
        Phase(steps=60, rows=1, published=True),
        Phase(steps=22, published=True),
        Phase(steps=9, rows=1, published=True),
        Phase(steps=5, published=True),
    )
    events = (
        Trained(steps=60, job="t"),
        Released(release="r"),
        Deleted(records=1, batch="d"),
        Steps(steps=22, job="d"),
        Released(release="r"),
        Inserted(records=1, batch="i"),
        Steps(steps=9, job="i"),
        Released(release="r"),
        Deleted(records=1, batch="e"),
        Steps(steps=5, job="e"),
        Released(release="r"),
    )
    twice = (Stay(left="d"), Stay(joined="i", left="e"))
    found = price(Ledger(problem=problem, events=events), delta=1e-5, stays=twice)
    stretch = learning_privacy(**example, steps_learn=9).mu
    assert found.b.mu == pytest.approx(math.hypot(0.5, stretch), rel=1e-12)
    sequence = deletion_sequence(**example, phases=phases)
    assert (sequence.a.mu, sequence.b.mu) == pytest.approx((found.a.mu, found.b.mu), rel=1e-12)
    assert (found.batch, found.group) == ("e", 2)


def test_a_stream_with_changing_n_divides_by_the_rows_of_each_phase(example: dict[str, Any]) -> None:
    sizes = (1000, 800, 1200)
    phases = [Phase(steps=20, rows=1, n=size) for size in sizes]
    shrinking = deletion_sequence(**example, adjacency="remove", phases=phases)
    drifts = [2.0 / size for size in sizes for _ in range(20)]
    noise = math.sqrt(2) * example["sigma"]
    assert shrinking.a.mu == pytest.approx(string_mu(0.9, drifts, noise, [60]), rel=1e-9)
    assert shrinking.a.mu >= exact_mu(0.9, drifts, noise, [60]) * (1 - 1e-12)


def test_a_family_that_leaves_over_several_batches_pays_for_the_rows_still_there(
    problem: Problem, example: dict[str, Any]
) -> None:
    phases = (Phase(steps=60, rows=3), Phase(steps=7, rows=2), Phase(steps=4, rows=1), Phase(steps=9))
    events: tuple[Event, ...] = (Trained(steps=60, job="t"),)
    for name, steps in (("a", 7), ("b", 4), ("c", 9)):
        events += (Deleted(records=1, batch=name), Steps(steps=steps, job=name))
    family = tuple(Stay(left=name) for name in "abc")
    found = price(Ledger(problem=problem, events=events), delta=1e-5, stays=family)
    drifts = [6e-3] * 60 + [4e-3] * 7 + [2e-3] * 4 + [0.0] * 9
    exact = exact_mu(0.9, drifts, problem.noise, [80])
    assert found.a.mu == pytest.approx(exact, rel=1e-9) == deletion_sequence(**example, phases=phases).a.mu
    assert found.group == 3 and found.batch == "c"


PHASES = st.lists(
    st.builds(Phase, steps=st.integers(1, 12), rows=st.integers(0, 3), published=st.booleans()), min_size=1, max_size=6
)
SHAPE: dict[str, Any] = {"lam": 0.1, "beta": 0.25, "lipschitz": 1.0, "n": 100, "eta": 1.0, "sigma": 0.05, "rho": 0.0}


@settings(deadline=None, max_examples=80)
@given(phases=PHASES)
def test_no_published_sequence_leaks_more_than_b_nor_its_later_models_more_than_a(phases: list[Phase]) -> None:
    drifts = [2e-2 * phase.rows for phase in phases for _ in range(phase.steps)]
    ends = [sum(phase.steps for phase in phases[: at + 1]) for at in range(len(phases))]
    seen = sorted({end for end, phase in zip(ends, phases, strict=True) if phase.published} | {ends[-1]})
    found, noise = deletion_sequence(**SHAPE, phases=phases), math.sqrt(2) * 0.05
    assert exact_mu(0.9, drifts, noise, seen) <= found.b.mu * (1 + 1e-9)
    assert exact_mu(0.9, drifts, noise, ends[-1:]) <= found.a.mu * (1 + 1e-9)
    left = max((at + 1 for at, phase in enumerate(phases) if phase.rows), default=0)
    later = [end for end, phase in zip(ends[left:], phases[left:], strict=True) if phase.published]
    assert not later or exact_mu(0.9, drifts, noise, later) <= found.a.mu * (1 + 1e-9)
    assert found.b.mu == pytest.approx(string_mu(0.9, drifts, noise, seen), rel=1e-9)
    silent = [Phase(steps=phase.steps, rows=phase.rows) for phase in phases]
    assert deletion_sequence(**SHAPE, phases=silent).b.mu <= found.b.mu * (1 + 1e-9)


@settings(deadline=None, max_examples=40)
@given(counts=st.lists(st.integers(0, 3), min_size=1, max_size=4), before=st.integers(0, 1), steps=st.integers(1, 13))
def test_a_shrinking_group_in_mini_batches_is_never_charged_less_than_all_its_rows_in_one_slot(
    counts: list[int], before: int, steps: int
) -> None:
    rows = [0] * before + sorted(counts, reverse=True)
    found = deletion_sequence(**SHAPE, batch=25, phases=[Phase(steps=steps, rows=count) for count in rows])
    for slot in range(4):
        drifts = [2.0 / 25 * count * (k % 4 == slot) for count in rows for k in range(steps)]
        assert string_mu(0.9, drifts, math.sqrt(2) * 0.05, [len(drifts)]) <= found.a.mu * (1 + 1e-9)


@pytest.mark.parametrize(
    ("change", "phases", "code"),
    [
        ({}, lambda: [Phase(steps=0, rows=1)], "K_LEARN_NOT_POSITIVE"),
        ({}, lambda: [Phase(steps=0)], "K_DELETE_NOT_POSITIVE"),
        ({}, lambda: [Phase(steps=1, rows=-1)], "TARGET_OUT_OF_RANGE"),
        ({}, lambda: [Phase(steps=1, draws=0)], "TARGET_OUT_OF_RANGE"),
        ({}, lambda: [Phase(steps=1, rows=1000)], "EMPTY_DATASET_AFTER_DELETION"),
        ({}, lambda: [Phase(steps=1, n=0)], "EMPTY_DATASET_AFTER_DELETION"),
        ({}, lambda: [Phase(steps=1, n=1001)], "LEDGER_MALFORMED"),
        ({"batch": 100}, lambda: [Phase(steps=1, rows=1), Phase(steps=1, rows=2)], "LEDGER_MALFORMED"),
        ({"batch": 1001}, lambda: [Phase(steps=1)], "LEDGER_MALFORMED"),
    ],
)
def test_a_sequence_that_cannot_have_been_is_refused_by_its_code(
    example: dict[str, Any], change: dict[str, Any], phases: Any, code: str
) -> None:
    with pytest.raises(AccountingError) as refusal:
        deletion_sequence(**{**example, **change}, phases=phases())
    assert refusal.value.code == code


def test_the_reduction_says_what_the_paper_says_and_what_gaussians_say(example: dict[str, Any]) -> None:
    shape = {"steps_learn": 60, "steps_delete": 22, "delta": 1e-5}
    found = adaptive_reduction(**example, **shape, releases=4)  # type: ignore[arg-type]
    away, here = found.deletion.epsilon(1e-5), found.learning.epsilon(1e-5)
    stated = away + 4 * here * (math.exp(here) - 1) + here * math.sqrt(2 * 4 * math.log(1e5))
    assert (found.paper_epsilon, found.paper_delta) == pytest.approx((stated, 6e-5), rel=1e-12)
    assert found.mu == pytest.approx(math.sqrt(0.0492**2 + 4 * 0.25), abs=1e-4)
    assert found.epsilon(1e-5) < found.paper_epsilon  # the same theorem without its slack
    assert adaptive_reduction(**example, **shape, releases=0).mu == found.deletion.mu  # type: ignore[arg-type]


def test_a_ledger_is_never_dearer_than_the_reduction_that_does_not_know_it(
    problem: Problem, example: dict[str, Any]
) -> None:
    events: list[Event] = [Trained(steps=60, job="t"), Released(release="r")]
    for at in range(3):
        events += [Deleted(records=1, batch=f"o{at}"), Steps(steps=9, job=f"o{at}"), Released(release="r")]
    events += [Deleted(records=1, batch="mine"), Steps(steps=22, job="mine")]
    found = price(Ledger(problem=problem, events=tuple(events)), delta=1e-5).b.mu
    reduced = adaptive_reduction(**example, steps_learn=87, steps_delete=22, releases=4, delta=1e-5)
    assert found <= reduced.mu


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"releases": -1}, "TARGET_OUT_OF_RANGE"),
        ({"releases": True}, "TARGET_OUT_OF_RANGE"),
        ({"delta": 0.0}, "DELTA_OUT_OF_RANGE"),
        ({"learning_epsilon": math.nan}, "NOT_FINITE"),
    ],
)
def test_a_reduction_of_nonsense_is_refused(change: dict[str, Any], code: str) -> None:
    with pytest.raises(AccountingError) as refusal:
        reduction_theorem(**{"deletion_epsilon": 0.1, "learning_epsilon": 1.0, "releases": 2, "delta": 1e-5, **change})
    assert refusal.value.code == code


def test_the_reduction_of_an_unbounded_learner_is_infinite_and_of_a_silent_one_free() -> None:
    assert reduction_theorem(deletion_epsilon=0.1, learning_epsilon=math.inf, releases=1, delta=1e-5)[0] == math.inf
    assert reduction_theorem(deletion_epsilon=0.1, learning_epsilon=0.0, releases=9, delta=1e-5)[0] == 0.1


def test_publishing_less_often_saves_more_than_deleting_with_fewer_steps(example: dict[str, Any]) -> None:
    shape: dict[str, Any] = {"steps_learn": 60, "steps_delete": 9}
    year = publishing_schedules(**example, **shape, rounds=51)
    assert [one.releases for one in year] == [52, 13, 4, 1]
    assert year[0].mu == pytest.approx(2.42, abs=0.011)
    for every, releases, one in zip((1, 4, 13), (51, 12, 3), year[:3], strict=True):
        stretch = learning_privacy(**example, steps_learn=9 * every).mu
        assert one.mu == pytest.approx(math.sqrt(0.25 + releases * stretch**2), rel=1e-9)
    assert [one.mu for one in year] == sorted((one.mu for one in year), reverse=True)
    weekly = {
        steps: publishing_schedules(**example, steps_learn=60, steps_delete=steps, rounds=51, every=(1,))[0].mu
        for steps in (1, 2)
    }
    assert year[2].mu < weekly[2] and year[3].mu < weekly[1]  # deletions so short that they delete next to nothing
    assert "Publishing every 52 rounds in place of 1 saves epsilon" in schedules_text(year, delta=1e-5)


def test_a_year_ahead_starts_from_what_was_spent(problem: Problem) -> None:
    ledger = Ledger(problem=problem, events=(Trained(steps=60, job="t"), Released(release="r")))
    ahead = schedules_after(ledger, steps_delete=9, rounds=13, every=(1, 13))
    assert (ahead[0].releases, ahead[1].releases) == (14, 2)
    later = schedules_after(
        ledger.then(Deleted(records=1, batch="d"), Steps(steps=9, job="d"), Released(release="s")),
        steps_delete=9,
        rounds=13,
        every=(1,),
    )
    assert later[0].mu > ahead[0].mu > ahead[1].mu > 0.5


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"rounds": 0}, "TARGET_OUT_OF_RANGE"),
        ({"every": (0,)}, "TARGET_OUT_OF_RANGE"),
        ({"group": -1}, "TARGET_OUT_OF_RANGE"),
        ({"steps_delete": 0}, "K_DELETE_NOT_POSITIVE"),
        ({"steps_learn": 0}, "K_LEARN_NOT_POSITIVE"),
        ({"rows_per_round": 20}, "EMPTY_DATASET_AFTER_DELETION"),
    ],
)
def test_a_schedule_of_nonsense_is_refused(example: dict[str, Any], change: dict[str, Any], code: str) -> None:
    with pytest.raises(AccountingError) as refusal:
        publishing_schedules(**{**example, "steps_learn": 60, "steps_delete": 9, **change})
    assert refusal.value.code == code
