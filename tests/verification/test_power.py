"""How much a verification could have seen follows from its counts, and from nothing fixed in the code."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.verification.power import (
    Design,
    attempts_left,
    can_pass,
    deciding_words,
    detectable,
    people_needed,
    power_words,
    records_needed,
    references_needed,
    retraining_words,
)
from governance.verification.statistics import clopper_pearson

USUAL = Design(records=60, references=5, level=0.025, margin=0.1, rate=0.3, tests=3)
designs = st.builds(
    Design,
    records=st.integers(2, 2000),
    references=st.integers(3, 20),
    level=st.floats(0.01, 0.1),
    margin=st.floats(0.02, 0.3),
    rate=st.floats(0.0, 1.0),
    tests=st.integers(1, 6),
)
SOME = settings(max_examples=15, deadline=None)


@given(designs)
@SOME
def test_more_records_or_references_and_a_larger_level_see_more(design: Design):
    seen = detectable(design)
    assert 0.0 < seen <= 1.0
    # As the records' part shrinks, the few degrees of freedom of the other part come to count: by 1 % here.
    assert detectable(replace(design, records=2 * design.records)) <= 1.05 * seen
    assert detectable(replace(design, references=design.references + 1)) <= 1.05 * seen
    assert detectable(replace(design, level=design.level / 2)) >= seen
    assert detectable(replace(design, tests=design.tests + 1)) >= seen


@given(designs)
@SOME
def test_so_many_records_are_enough_and_one_less_is_not(design: Design):
    needed = records_needed(design)
    if needed is not None:
        assert can_pass(replace(design, records=needed))
        assert not can_pass(replace(design, records=needed - 1))


def test_a_control_that_yields_at_random_asks_for_more_records_than_one_that_hardly_does():
    counts = [records_needed(replace(USUAL, rate=rate)) or 0 for rate in (0.01, 0.1, 0.5)]
    assert counts == sorted(counts)
    assert len(set(counts)) == 3


def test_trainings_that_differ_by_the_margin_are_never_enough():
    """With one reference the spread of trainings alone may exceed what a small level allows."""
    assert records_needed(Design(records=60, references=1, level=1e-6, margin=0.1, rate=0.5)) is None


def test_references_make_up_for_records_only_so_far():
    few, short = replace(USUAL, records=60), replace(USUAL, records=(records_needed(USUAL) or 0) - 20)
    more = references_needed(short)
    assert more is not None
    assert more > USUAL.references
    assert can_pass(replace(short, references=more))
    assert references_needed(few) is None


def test_each_further_attempt_needs_more_until_none_can_pass():
    enough = replace(USUAL, records=(records_needed(USUAL) or 0) * 2)
    left = attempts_left(enough)
    assert left >= 1
    assert can_pass(replace(enough, level=enough.level / 2**left))
    assert not can_pass(replace(enough, level=enough.level / 2 ** (left + 1)))


def test_without_any_control_nothing_can_be_seen():
    alone = Design(records=60, references=0, level=0.05, margin=0.1)
    assert detectable(alone) == 1.0
    assert records_needed(alone) is None
    assert "no control" in power_words(alone)


def test_never_seen_people_are_a_control_of_their_own():
    strangers = Design(records=400, references=0, level=0.05, margin=0.1, rate=0.3, never_seen=2000)
    assert can_pass(strangers)
    assert "2000 never-seen people for a control" in power_words(strangers)


def test_the_words_for_officers_carry_the_numbers_and_the_price():
    words = power_words(USUAL)
    assert words.startswith("With 60 records and 5 retrained references an excess below ")
    assert f"about {records_needed(USUAL)} records" in words
    ways = deciding_words(USUAL, training_s=5400.0)
    assert any(f"about {records_needed(USUAL)} records in one batch: 5 trainings, about 8 h" in way for way in ways)
    assert not any("Retrain" in way for way in ways)
    assert retraining_words(5400.0) == "Retrain without the erased records: one training, about 90 min."


def test_people_who_show_a_models_use_are_counted_too():
    needed = people_needed(0.9, 0.8, level=0.025)
    assert needed is not None
    assert clopper_pearson(int(0.9 * needed), needed, level=0.025).low >= 0.8
    assert people_needed(0.8, 0.8, level=0.025) is None


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_a_control_that_never_varies_still_leaves_what_so_few_records_cannot_show(rate: float):
    few = Design(records=12, references=5, level=0.05, margin=0.1, rate=rate)
    assert detectable(few) >= 1 - 0.025 ** (1 / 12)
