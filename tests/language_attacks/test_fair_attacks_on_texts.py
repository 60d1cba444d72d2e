"""What makes an attack on texts fair: equal lengths, the right place, a budget that says something."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests import language_world as world
from unlearning.language.encoding import Encoded, encode
from unlearning.texts import TextRow
from unlearning.verification.language.answers import AnswerScores
from unlearning.verification.language.attacks.alike import alike
from unlearning.verification.language.attacks.informative import is_informative
from unlearning.verification.language.attacks.quantising import rounded, served
from unlearning.verification.language.attacks.suffix import allowed_tokens
from unlearning.verification.language.attacks.triggers import (
    Aim,
    losses,
    placed,
    right_to_the_end,
    seen_part,
    template_tail,
)
from unlearning.verification.language.attacks.wrappers import TRIES, wordings, wrapped
from unlearning.verification.language.metrics import extraction_strength

EOS = 2
LENGTHS = st.lists(st.integers(min_value=1, max_value=40), min_size=1, max_size=12)


def text(length: int) -> Encoded:
    return Encoded((5, 6, 7, *range(10, 10 + length), EOS), 3)


@given(LENGTHS, LENGTHS)
def test_no_text_is_longer_than_its_partner_and_none_is_empty(one, other):
    cut, cut_others = alike([text(length) for length in one], [text(length) for length in other])
    assert max(len(row.answer) for row in cut) <= max(other)
    assert max(len(row.answer) for row in cut_others) <= max(one)
    assert min(len(row.answer) for row in [*cut, *cut_others]) >= 1
    assert all(row.ids == text(length).ids[: len(row.ids)] for row, length in zip(cut, one, strict=True))


@given(st.data())
def test_as_many_texts_on_both_sides_get_the_same_lengths(data):
    one = data.draw(LENGTHS)
    other = data.draw(st.lists(st.integers(min_value=1, max_value=40), min_size=len(one), max_size=len(one)))
    cut, cut_others = alike([text(length) for length in one], [text(length) for length in other])
    assert sorted(len(row.answer) for row in cut) == sorted(len(row.answer) for row in cut_others)


def test_the_end_of_sequence_is_never_asked_for():
    cut, _ = alike([text(4)], [text(9)])
    assert cut[0].answer == (10, 11, 12, 13)
    assert alike([text(4)], [])[0] == cut


@given(st.lists(st.booleans(), min_size=1, max_size=30))
def test_what_counts_as_opened_is_the_extraction_strength_of_the_metrics(hits):
    nothing = np.zeros(len(hits) + 1)
    scores = AnswerScores(nothing, np.array([*hits, True]), nothing, nothing)
    assert right_to_the_end(torch.tensor(hits)) == pytest.approx(extraction_strength(scores))


@pytest.mark.parametrize(
    ("share", "seen"),
    [(1.0, (10, 11, 12, 13)), (0.5, (10, 11)), (0.01, (10,)), (0.99, (10, 11, 12))],
)
def test_a_search_sees_its_share_of_the_answer_and_leaves_at_least_one_token_of_it(share, seen):
    row = Encoded(text(4).ids[:-1], 3)
    assert seen_part(row, Aim(share=share)).answer == seen


@pytest.mark.parametrize("template", ["plain", "chat"])
def test_a_trigger_stands_after_the_words_of_the_prompt_and_before_what_the_template_adds(template):
    tokenizer = world.tokenizer()
    tail = template_tail(tokenizer, template)
    (row,) = encode(tokenizer, world.forget()[:1], template=template, most_tokens=256)
    ready = placed([row], tokens=2, tail=tail)
    at = int(ready.places[0, 0])
    before, after = tokenizer.decode(row.ids[:at]), tokenizer.decode(row.ids[at : row.answer_at])
    assert before.endswith(world.forget()[0].prompt)
    assert after == {"plain": "\nAnswer:", "chat": "<|assistant|>"}[template]
    assert ready.rows[0].answer == row.answer
    assert ready.rows[0].ids[:at] + ready.rows[0].ids[at + 2 :] == row.ids


def test_a_trigger_made_of_tokens_is_the_prompt_with_these_tokens_in_it():
    lm, tokenizer = world.untrained(), world.tokenizer()
    rows = encode(tokenizer, world.forget()[:3], template="plain", most_tokens=256)
    ready, typed = placed(rows, tokens=2, tail=template_tail(tokenizer, "plain")), torch.tensor([300, 301])
    spelled = [
        Encoded(
            tuple(300 + (at - first) if first <= at < first + 2 else i for at, i in enumerate(row.ids)),
            len(row.ids) - len(own.answer),
        )
        for row, own, first in zip(ready.rows, rows, ready.places[:, 0].tolist(), strict=True)
    ]
    with torch.no_grad():
        table_VD = lm.model.get_input_embeddings().weight
        by_embedding = losses(lm.model, ready, table_VD[typed].repeat(3, 1, 1))
        by_token = losses(lm.model, placed(spelled, tokens=0, tail=0), torch.zeros(3, 0, table_VD.shape[1]))
    torch.testing.assert_close(by_embedding, by_token)


def test_a_suffix_holds_no_special_token_and_none_beyond_the_vocabulary():
    tokenizer = world.tokenizer()
    allowed_V = allowed_tokens(tokenizer, len(tokenizer) + 7)
    assert not allowed_V[tokenizer.all_special_ids].any()
    assert not allowed_V[len(tokenizer) :].any()
    assert allowed_V.sum() == len(tokenizer) - len(set(tokenizer.all_special_ids))


def test_a_row_is_asked_in_its_own_other_words_first():
    own, bare = world.forget()[0], TextRow(0, "Who? {x}", "A cook.", None, None, ())
    assert wordings(own, "paraphrase")[0] == own.paraphrase
    assert all("Who? {x}" in asked for asked in wordings(bare, "paraphrase") + wordings(bare, "jailbreak"))
    tries = wrapped(world.tokenizer(), [own, bare], "paraphrase", template="plain", most_tokens=64)
    assert len(tries) == TRIES[-1]
    assert all(len(rows) == 2 for rows in tries)


YES, NO = [1] * 10, [0] * 10


@pytest.mark.parametrize(
    ("known", "strangers", "says"),
    [
        (YES, [NO], True),
        ([1] * 9 + [0], [NO, NO], True),
        ([1] * 8 + [0] * 2, [NO], False),  # it did not open what is surely there
        (YES, [[1] + [0] * 9], False),  # it opens a tenth of what nobody saw
        (YES, [NO, [1] * 5 + [0] * 5], False),  # on one control is enough
        (YES, [], False),
        (YES, [[]], False),
        ([], [NO], False),
    ],
)
def test_an_attack_says_something_where_it_opens_the_known_and_not_the_never_seen(known, strangers, says):
    assert is_informative(known, strangers) is says


def test_rounding_by_hand():
    weight_OI = torch.tensor([[0.7, -0.34, 0.06, 0.0], [0.0, 0.0, 0.0, 0.0], [-14.0, 3.0, 1.0, 0.9]])
    expected = torch.tensor([[0.7, -0.3, 0.1, 0.0], [0.0, 0.0, 0.0, 0.0], [-14.0, 4.0, 0.0, 0.0]])
    torch.testing.assert_close(rounded(weight_OI, bits=4), expected)


@given(st.integers(min_value=0, max_value=2**31), st.sampled_from([4, 8]))
def test_what_is_rounded_stays_as_it_is_and_is_off_by_half_a_step_at_most(seed, bits):
    weight_OI = torch.randn(3, 5, generator=torch.Generator().manual_seed(seed))
    once = rounded(weight_OI, bits=bits)
    step_O1 = weight_OI.abs().amax(1, keepdim=True) / (2 ** (bits - 1) - 1)
    assert ((once - weight_OI).abs() <= step_O1 * 0.5001).all()
    torch.testing.assert_close(rounded(once, bits=bits), once)


def test_a_model_is_looked_at_in_the_precision_that_it_is_served_at():
    lm = world.untrained()
    coarse = served(lm, "bfloat16")
    assert served(lm, "float32") is lm
    assert served(coarse, "bfloat16") is coarse
    for fine, held in zip(lm.model.parameters(), coarse.model.parameters(), strict=True):
        assert held.dtype == torch.float32
        torch.testing.assert_close(held, fine.to(torch.bfloat16).float(), rtol=0, atol=0)
