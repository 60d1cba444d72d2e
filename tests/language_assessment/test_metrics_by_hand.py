"""Every expected number is worked out from the definition, in the comment or the sum beside it."""

import math
import zlib

import numpy as np
import pytest

from unlearning.verification.language import membership_scores as members
from unlearning.verification.language import metrics
from unlearning.verification.language.answers import AnswerScores
from unlearning.verification.language.rouge import rouge_l_f1, rouge_l_recall, words_of

CLOSE = 1e-9


def answer(*probabilities: float, hits: str = "", means: tuple[float, ...] = (), variances: tuple[float, ...] = ()):
    """An answer of these token probabilities, the last being the end of sequence; hits as a row of 0 and 1."""
    count = len(probabilities)
    return AnswerScores(
        logs=np.log(probabilities),
        hits=np.array([mark == "1" for mark in (hits or "1" * count)]),
        means=np.array(means or [0.0] * count),
        variances=np.array(variances or [1.0] * count),
    )


def test_probability_is_the_geometric_mean_of_the_tokens_with_the_end_of_sequence():
    # (1/2 * 1/8 * 1) ** (1/3) = (1/16) ** (1/3)
    assert metrics.probability(answer(0.5, 0.125, 1.0)) == pytest.approx(0.3968502630, abs=CLOSE)
    assert metrics.average_nll(answer(0.5, 0.125, 1.0)) == pytest.approx(math.log(16) / 3, abs=CLOSE)


def test_a_choice_among_answers_is_the_right_one_s_share():
    # .5 / (.5 + .2 + .3)
    assert metrics.option_probability(answer(0.5), [answer(0.2), answer(0.3)]) == pytest.approx(0.5, abs=CLOSE)


@pytest.mark.parametrize(
    ("hits", "strength"),
    [
        ("11111", 1.0),  # all 4 answer tokens follow: k = 0
        ("01111", 0.75),  # from the second on: k = 1 of 4
        ("10110", 0.5),  # the end of sequence is no part of it: k = 2 of 4
        ("11101", 0.0),  # the last token does not follow: k = 4 of 4
        ("1", 0.0),  # an empty answer opens nothing
    ],
)
def test_extraction_strength_is_the_share_of_the_answer_that_follows_to_its_end(hits: str, strength: float):
    assert metrics.extraction_strength(answer(*[0.5] * len(hits), hits=hits)) == pytest.approx(strength, abs=CLOSE)


def test_exact_memorisation_counts_tokens_wherever_they_stand_and_not_the_end():
    assert metrics.exact_memorisation(answer(0.5, 0.5, 0.5, 0.5, 0.5, hits="10111")) == pytest.approx(0.75, abs=CLOSE)
    assert metrics.exact_memorisation(answer(0.5, hits="1")) == 0.0


def test_the_truth_ratio_sets_wrong_answers_against_the_restated_right_one():
    # wrong: geometric mean of .1 and .4 = .2; right: .8; R = .25
    ratio = metrics.truth_ratio(answer(0.8), [answer(0.1), answer(0.4)])
    assert ratio == pytest.approx(0.25, abs=CLOSE)


def test_the_three_forms_of_the_truth_ratio():
    ratios = [0.25, 2.0]
    assert metrics.forget_truth_ratio(ratios) == pytest.approx((0.25 + 0.5) / 2, abs=CLOSE)
    assert metrics.retain_truth_ratio(ratios) == pytest.approx((0.75 + 0.0) / 2, abs=CLOSE)
    assert metrics.truth_share(ratios) == pytest.approx((0.8 + 1 / 3) / 2, abs=CLOSE)


def test_the_truth_ratio_of_a_wrecked_model_is_still_a_number():
    hopeless = AnswerScores(np.array([-9e3]), np.array([False]), np.zeros(1), np.zeros(1))
    better = AnswerScores(np.array([-1e2]), np.array([False]), np.zeros(1), np.zeros(1))
    assert math.isfinite(metrics.truth_ratio(hopeless, [better]))
    assert metrics.truth_ratio(better, [hopeless]) == 0.0
    assert metrics.forget_truth_ratio([metrics.truth_ratio(better, [hopeless])]) == 0.0


def test_model_utility_is_a_harmonic_mean_of_nine_parts_or_of_those_there_are():
    # 9 parts: six of .5, three of 1: 9 / (12 + 3)
    assert metrics.harmonic_mean([0.5] * 6 + [1.0] * 3) == pytest.approx(0.6, abs=CLOSE)
    assert metrics.harmonic_mean([0.5, 1.0]) == pytest.approx(2 / 3, abs=CLOSE)
    assert metrics.harmonic_mean([0.9, 0.0]) == 0.0


def test_forget_quality_is_one_for_the_same_ratios_and_small_for_others():
    ratios = [0.1 * step for step in range(1, 21)]
    assert metrics.forget_quality(ratios, ratios) == pytest.approx(1.0, abs=CLOSE)
    # 3 against 3 with nothing in common: the largest gap, 2 of the 20 equally likely orders
    assert metrics.forget_quality([1.0, 2.0, 3.0], [7.0, 8.0, 9.0]) == pytest.approx(0.1, abs=1e-6)


def test_privacy_leak_is_nought_as_after_retraining_and_signed():
    assert metrics.privacy_leak(1.0) == pytest.approx(-100.0, abs=1e-6)  # (0 - .5) / .5
    assert metrics.privacy_leak(0.6, retrained=0.6) == pytest.approx(0.0, abs=1e-6)
    assert metrics.privacy_leak(0.1, retrained=0.4) == pytest.approx(50.0, abs=1e-6)  # (.9 - .6) / .6


def test_min_k_means_the_four_least_likely_tokens_of_ten():
    # Ten answer tokens of log-probability -1 ... -10 and an end of sequence that does not count: -(7+8+9+10)/4
    ten = AnswerScores(-np.arange(1.0, 12.0), np.zeros(11, dtype=bool), np.zeros(11), np.ones(11))
    assert members.lowest_logs(ten) == pytest.approx(-8.5, abs=CLOSE)
    assert members.own_scores("mink", [ten], [""]).tolist() == pytest.approx([-8.5])


def test_min_k_never_looks_at_no_token_at_all():
    assert members.lowest_logs(answer(0.5, 0.25, 1.0)) == pytest.approx(math.log(0.25), abs=CLOSE)  # 1 of 2
    assert members.lowest_logs(answer(1.0)) == 0.0


def test_min_k_plus_plus_measures_each_token_against_what_was_expected():
    # (-2 - -1) / sqrt(4) = -.5 and (-3 - -1) / sqrt(.25) = -4; of two tokens one is looked at
    scores = AnswerScores(
        np.array([-2.0, -3.0, 0.0]), np.zeros(3, dtype=bool), np.array([-1.0, -1.0, 0.0]), np.array([4.0, 0.25, 0.0])
    )
    assert members.lowest_standardised(scores) == pytest.approx(-4.0, abs=CLOSE)


def test_loss_zlib_and_reference_scores():
    here, text = answer(0.5, 0.125), "a secret that repeats repeats repeats repeats"
    nll = math.log(16) / 2
    assert members.own_scores("loss", [here], [text]).tolist() == pytest.approx([-nll])
    assert members.own_scores("zlib", [here], [text]).tolist() == pytest.approx(
        [-nll / len(zlib.compress(text.encode()))]
    )
    # two other models of average loss 2 and 4: 3 - nll
    others = [[answer(math.exp(-2.0))], [answer(math.exp(-4.0))]]
    assert members.beside_others([here], others).tolist() == pytest.approx([3.0 - nll])


def test_rouge_l_counts_the_longest_common_subsequence_of_stems():
    assert words_of("The cats' RUNNING-shoes, 2x!") == ["the", "cat", "run", "shoe", "2x"]
    # truth: the cat were run quickli; said: a cat run quick ran -> cat, run in common: 2 of 5
    assert rouge_l_recall("The cats were running quickly", "a cat runs quick") == pytest.approx(0.4, abs=CLOSE)
    assert rouge_l_f1("The cats were running quickly", "a cat runs quick") == pytest.approx(2 * 2 / 9, abs=CLOSE)
    assert rouge_l_recall("one two three four", "four three two one") == pytest.approx(0.25, abs=CLOSE)
    assert rouge_l_recall("anything", "") == 0.0 == rouge_l_f1("", "anything")


@pytest.mark.parametrize(
    ("word", "expected"),
    # Porter's own examples, then the amendments: short "ie", y after a consonant, fulli, logi, the table of exceptions.
    [
        *(("caresses", "caress"), ("ponies", "poni"), ("agreed", "agre"), ("hopping", "hop"), ("filing", "file")),
        *(("relational", "relat"), ("digitizer", "digit"), ("electricity", "electr"), ("adjustment", "adjust")),
        *(("controlling", "control"), ("rate", "rate"), ("cease", "ceas"), ("adoption", "adopt")),
        *(("ties", "tie"), ("died", "die"), ("say", "say"), ("enjoy", "enjoy"), ("usefully", "use")),
        *(("geology", "geolog"), ("skies", "sky"), ("dying", "die"), ("innings", "inning"), ("ox", "ox")),
    ],
)
def test_words_are_cut_to_their_stems(word: str, expected: str):
    from unlearning.verification.language.stemming import stem

    assert stem(word) == expected
