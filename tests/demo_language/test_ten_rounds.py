"""Who came back, after having been clean: ranks against strangers, and the story of rounds."""

from math import comb

from demo.language.page import cell, rounds_table
from demo.language.rounds import (
    Attempt,
    Retest,
    Round,
    Signs,
    above,
    area,
    at_the_end,
    below,
    by_chance,
    called,
    followed,
    is_found,
    is_overdone,
    lower_threshold,
    resurrected,
    threshold,
)
from demo.language.words import rounds_words


def signs(known: int, texts: int = 6, lost: int = 0) -> Signs:
    return Signs(probability=0.01, known=known, lost=lost, extracted=0, texts=texts, area=0.5)


def retest(request: int, found: str = "") -> Retest:
    return Retest(request, signs(6 if found == "at rest" else 0), signs(6 if found else 0), found)


def attempt(way: str, *retests: Retest) -> Attempt:
    return Attempt(way, 1.0, retests, kept=0.95)


def story() -> list[Round]:
    """The first request is clean, comes back in the second round, and the repair holds; the second stays."""
    return [
        Round(1, [attempt("npo", retest(1))]),
        Round(
            2,
            [
                attempt("npo", retest(1, "after retain-only steps"), retest(2, "at rest")),
                attempt("again", retest(1), retest(2, "at rest")),
            ],
        ),
        Round(3, [attempt("npo", retest(1), retest(2, "at rest"), retest(3))]),
    ]


def test_a_tenth_of_the_strangers_stand_above_the_threshold_at_most():
    strangers = [place / 100 for place in range(30)]
    limit = threshold(strangers)
    assert above(strangers, limit) <= 3
    assert above([0.5] * 6, limit) == 6


def test_the_area_is_one_half_for_equals_and_counts_ties_by_half():
    assert area([1.0, 2.0], [1.0, 2.0]) == 0.5
    assert area([3.0], [1.0, 2.0]) == 1.0
    assert area([0.0], [1.0]) == 0.0


def test_chance_is_fishers_exact_test():
    exact = sum(comb(6, k) * comb(30, 8 - k) for k in (5, 6)) / comb(36, 8)
    assert abs(by_chance(5, 6, 3, 30) - exact) < 1e-12
    assert by_chance(0, 6, 3, 30) > 0.999999


def test_nearly_all_texts_of_a_request_must_stand_out_before_it_is_called_found():
    assert is_found(signs(6), strangers_above=3, strangers=30)
    assert not is_found(signs(3), strangers_above=3, strangers=30)


def test_texts_further_away_than_strangers_are_a_trace_as_well():
    strangers = [place / 100 for place in range(30)]
    limit = lower_threshold(strangers)
    assert below(strangers, limit) <= 3 and below([-1.0] * 6, limit) == 6
    assert is_overdone(signs(0, lost=6), strangers_below=2, strangers=30)
    assert not is_overdone(signs(0, lost=2), strangers_below=2, strangers=30)
    far = Retest(1, signs(0, lost=6), signs(0), "", overdone=True)
    rounds = [Round(1, [attempt("rmu", far)])]
    assert called(rounds, 0, 0, 1) == "overdone" and at_the_end(rounds) == []
    assert "further away than never-seen texts" in " ".join(rounds_words(rounds))


def test_resurrected_is_who_was_clean_and_residual_who_never_was():
    rounds = story()
    assert called(rounds, 1, 0, 1) == "resurrected"
    assert called(rounds, 1, 0, 2) == "residual"
    assert called(rounds, 1, 1, 1) == "clean"
    assert called(rounds, 2, 0, 2) == "residual"
    assert resurrected(rounds) == [(2, 1)]
    assert at_the_end(rounds) == [2]


def test_the_words_about_rounds_count_what_is_there():
    told = " ".join(rounds_words(story()))
    assert "request 1 in round 2" in told
    assert "Still found at the end: 2" in told
    assert "unlearned again in 1 rounds, retrained in 0" in told
    quiet = " ".join(rounds_words(story()[:1]))
    assert "Nobody who had been clean came back" in quiet
    assert "none of them is found" in quiet


def test_what_followed_verbatim_is_counted_over_every_attempt():
    loud = Retest(1, Signs(0.9, 6, 0, 4, 6, 1.0), Signs(0.9, 6, 0, 5, 6, 1.0), "at rest")
    rounds = [Round(1, [attempt("rmu", loud), attempt("again", retest(1))])]
    assert followed(rounds) == (4, 5, 12)
    assert "of 12 times that an erased text was asked for, half of it followed 4 times" in " ".join(
        rounds_words(rounds)
    )


def test_the_table_has_a_line_for_each_attempt_and_marks_who_was_found():
    rounds = story()
    assert rounds_table(rounds).count("<tr><td>") == 4
    assert "resurrected" in cell(rounds, 1, 0, 1) and "0/6" in cell(rounds, 1, 0, 1)
    assert "quiet" in cell(rounds, 1, 1, 1)
    assert cell(rounds, 0, 0, 3) == "<td class='cell'></td>"
