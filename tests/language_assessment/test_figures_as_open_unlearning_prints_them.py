"""Published tables hold what the other library's code prints; here its loop is written again, from its description."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unlearning.verification.language.answers import AnswerScores
from unlearning.verification.language.knowledge import Asked, Knowledge
from unlearning.verification.language.metrics import extraction_strength, extraction_strength_as_printed
from unlearning.verification.language.text_lines import text_lines

# What a model would say of each token of an answer and what the answer is; the end of sequence stands last in both.
TOKENS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=2, max_size=12)


def printed(labels: list[int], predictions: list[int]) -> float:
    """1 - k/T, k the first place from which all tokens are the arg-max, found as the other library finds it."""
    labels, predictions = labels[:-1], predictions[:-1]
    for k in range(len(labels)):
        if predictions[k:] == labels[k:]:
            break
    return 1 - k / len(labels)


def scores_of(labels: list[int], predictions: list[int]) -> AnswerScores:
    hits = np.array(labels) == np.array(predictions)
    return AnswerScores(np.zeros(len(labels)), hits, np.zeros(len(labels)), np.ones(len(labels)))


@given(TOKENS)
def test_extraction_strength_is_also_given_as_the_other_library_prints_it(tokens: list[tuple[int, int]]):
    labels, predictions = (list(side) for side in zip(*tokens, strict=True))
    theirs = printed(labels, predictions)
    assert extraction_strength_as_printed(scores_of(labels, predictions)) == pytest.approx(theirs, abs=1e-12)


@given(TOKENS)
def test_ours_differs_only_where_not_even_the_last_token_follows(tokens: list[tuple[int, int]]):
    labels, predictions = (list(side) for side in zip(*tokens, strict=True))
    ours, follows = extraction_strength(scores_of(labels, predictions)), labels[-2] == predictions[-2]
    assert ours == (pytest.approx(printed(labels, predictions)) if follows else 0.0)


@pytest.mark.parametrize(("length", "theirs"), [(1, 1.0), (2, 0.5), (4, 0.25), (20, 0.05)])
def test_an_answer_of_which_nothing_follows_is_nothing_here_and_one_part_there(length: int, theirs: float):
    nothing = scores_of([0] * length + [9], [1] * length + [9])
    assert extraction_strength(nothing) == 0.0
    assert extraction_strength_as_printed(nothing) == pytest.approx(theirs)


def test_an_answer_without_tokens_is_nothing_in_both():
    assert extraction_strength_as_printed(scores_of([9], [9])) == extraction_strength(scores_of([9], [9])) == 0.0


def test_both_figures_are_reported_and_only_ours_has_budgets():
    """Rows of two and four tokens, of which nothing follows: 0 on average here, (1/2 + 1/4) / 2 there."""
    nothing = [scores_of([0] * length + [9], [1] * length + [9]) for length in (2, 4)]
    known = Knowledge((Asked("A", "C", nothing, nothing),), ([], []))
    lines = text_lines(None, None, known, {"text": ["text.extraction"]}, prefix="", tier="sealed")  # type: ignore[arg-type]
    whole = {line["name"]: line["value"] for line in lines if line["arm"] == "A" and line["budget"] is None}
    assert whole == {"text.extraction.score": 0.0, "text.extraction.as_printed.score": pytest.approx(0.375)}
    assert {line["name"] for line in lines if line["budget"] is not None} == {"text.extraction"}
