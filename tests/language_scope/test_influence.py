from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import language_world as world
from unlearning.language.batching import collated
from unlearning.language.encoding import encode
from unlearning.language.influence.choosing import chosen_weights, spread
from unlearning.language.influence.masks import at_random, least_influential, most_influential, share_of
from unlearning.language.influence.scores import by_layer, by_module, influence, ratio, squared_gradients
from unlearning.language.scoring import answer_nll, base
from unlearning.language.unlearning import unlearn
from unlearning.runner.refusals import Refused


@pytest.fixture(scope="module")
def model():
    return world.untrained().model


@pytest.fixture(scope="module")
def forget():
    return encode(world.tokenizer(), world.forget()[:3], template="plain", most_tokens=256)


@pytest.fixture(scope="module")
def retain():
    return encode(world.tokenizer(), world.retain()[:4], template="plain", most_tokens=256)


def test_a_square_is_that_of_one_row_and_not_of_a_batch(model, forget):
    name = "model.norm.weight"
    weight = dict(model.named_parameters())[name]
    expected = torch.zeros_like(weight)
    for row in forget:
        sums, counts = answer_nll(model, collated([row]))
        expected += torch.autograd.grad((sums / counts).sum(), weight)[0].square() / len(forget)
    found = squared_gradients(model, forget)
    assert torch.allclose(found[name], expected, rtol=1e-5)
    sums, counts = answer_nll(model, collated(forget))
    batched = torch.autograd.grad((sums / counts).mean(), weight)[0].square()
    assert not torch.allclose(found[name], batched, rtol=0.1)
    assert weight.grad is None


def test_every_weight_has_a_score_and_a_frozen_one_has_none(model, forget):
    found = squared_gradients(model, forget)
    assert set(found) == {name for name, _ in model.named_parameters()}
    frozen = world.untrained().model
    frozen.get_input_embeddings().requires_grad_(False)
    assert "model.embed_tokens.weight" not in squared_gradients(frozen, forget)


def test_a_word_that_only_the_forgotten_use_is_where_they_lie(model, forget, retain):
    found = influence(model, forget, retain)["model.embed_tokens.weight"].sum(1)
    only = {token for row in forget for token in row.ids} - {token for row in retain for token in row.ids}
    never = set(range(len(found))) - {token for row in (*forget, *retain) for token in row.ids}
    assert only and never
    assert min(float(found[token]) for token in only) > max(float(found[token]) for token in never)


def test_the_same_rows_on_both_sides_are_nowhere_in_particular(model, forget):
    squares = squared_gradients(model, forget)
    assert all(value == pytest.approx(1.0) for value in by_layer(model, squares, squares).values())
    assert all(value == pytest.approx(1.0) for value in by_module(squares, squares).values())
    assert max(float(value.max()) for value in ratio(squares, squares).values()) <= 1.0


def test_layers_are_all_there_and_each_weight_belongs_to_one(model, forget, retain):
    found = by_layer(model, squared_gradients(model, forget), squared_gradients(model, retain))
    assert set(found) == {"0", "1", "2", "embeddings", "head"}
    assert base(model).config.num_hidden_layers == 3


def test_no_rows_are_refused(model):
    with pytest.raises(Refused) as refused:
        squared_gradients(model, [])
    assert refused.value.code == "NO_ROWS"


SCORES = st.lists(st.integers(0, 5), min_size=1, max_size=30)


@settings(max_examples=40, deadline=None)
@given(SCORES, SCORES, st.floats(0.01, 1.0))
def test_masks_hold_exactly_their_share_and_the_right_end(first, second, share):
    scores = {"a": torch.tensor(first), "b": torch.tensor(second).reshape(1, -1)}
    total = len(first) + len(second)
    for mask in (
        most_influential(scores, share=share),
        least_influential(scores, share=share),
        at_random(scores, share=share, seed=1),
    ):
        assert share_of(mask) == pytest.approx(max(1, round(share * total)) / total)
        assert all(mask[name].shape == value.shape and mask[name].dtype == torch.bool for name, value in scores.items())
    flat = torch.cat([value.reshape(-1) for value in scores.values()])
    top = torch.cat([value.reshape(-1) for value in most_influential(scores, share=share).values()])
    low = torch.cat([value.reshape(-1) for value in least_influential(scores, share=share).values()])
    assert top.all() or flat[top].min() >= flat[~top].max()
    assert low.all() or flat[low].max() <= flat[~low].min()


def test_a_chance_mask_depends_on_its_seed_alone(model):
    scores = dict(model.named_parameters())
    one, same, other = (at_random(scores, share=0.2, seed=seed) for seed in (1, 1, 2))
    assert all(torch.equal(one[name], same[name]) for name in scores)
    assert any(not torch.equal(one[name], other[name]) for name in scores)


@pytest.mark.parametrize("share", [0.0, -0.1, 1.5, float("nan")])
def test_a_share_that_is_none_is_refused(model, share):
    with pytest.raises(Refused) as refused:
        most_influential(dict(model.named_parameters()), share=share)
    assert refused.value.code == "SHARE_OUT_OF_RANGE"


def test_of_many_rows_an_even_part_is_looked_at():
    rows = world.retain()
    assert spread(rows[:64]) == rows[:64]
    assert len(spread(rows)) == 64 and spread(rows)[0] == rows[0] and spread(rows)[-1] in rows[-2:]


def test_unlearning_moves_the_chosen_weights_and_no_other(forget, retain):
    lm = world.untrained()
    rows = world.forget()[:3], world.retain()[:4], world.holdout()[:4]
    mask = chosen_weights(lm, rows[0], rows[1], share=0.2)
    expected = most_influential(influence(lm.model, forget, retain), share=0.2)
    assert all(torch.equal(mask[name], inside) for name, inside in expected.items())
    asked = {"target": "epochs", "epochs": 2, "batch": 4, "utility_floor": 0.0, "collapse": 0.0}
    after = dict(unlearn(lm, *rows, method="npo", params=asked, only=mask).lm.model.named_parameters())
    for name, value in lm.model.named_parameters():
        assert torch.equal(value[~mask[name]], after[name][~mask[name]]), name
    assert any(
        not torch.equal(value[mask[name]], after[name][mask[name]]) for name, value in lm.model.named_parameters()
    )
