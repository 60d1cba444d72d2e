"""Training: parts of a batch give the step of the whole, checkpointing the same loss, one seed the same bytes."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import language_world as world
from unlearning.language.authors import made_authors
from unlearning.language.batching import batches, collated, padding_share
from unlearning.language.encoding import Encoded, encode
from unlearning.language.models import fresh_llama
from unlearning.language.scoring import answer_nll
from unlearning.language.training import backward_token_mean, checkpointing, fit
from unlearning.runner.refusals import Refused

RECIPE = {"epochs": 2, "batch": 8, "lr": 3e-3, "weight_decay": 0.01, "seed": 0, "template": "plain"}


def small(seed=0):
    return fresh_llama(world.tokenizer(), width=16, layers=2, heads=2, seed=seed)


def encoded(rows):
    return encode(world.tokenizer(), rows, template="plain", most_tokens=128)


def weights(lm):
    return torch.cat([value.flatten() for value in lm.model.state_dict().values()])


def gradient(lm):
    return torch.cat([value.grad.flatten() for value in lm.model.parameters()])


@pytest.mark.parametrize("accumulation", [2, 3, 8, 20])
def test_parts_of_a_batch_with_answers_of_unequal_lengths_give_the_gradient_of_the_whole(accumulation):
    group = encoded(world.forget()[:7])
    found = []
    for parts in (1, accumulation):
        lm = small()
        found.append((backward_token_mean(lm.model, group, accumulation=parts), gradient(lm)))
    assert found[0][0][1] == found[1][0][1] == sum(len(row.answer) for row in group)
    assert found[1][0][0] == pytest.approx(found[0][0][0], rel=1e-6)
    assert torch.allclose(found[0][1], found[1][1], atol=1e-6)


def test_the_loss_of_a_step_is_the_mean_over_tokens_and_not_over_rows():
    group = encoded(world.forget()[:4])
    lm = small()
    total, tokens = backward_token_mean(lm.model, group, accumulation=1)
    sums = [answer_nll(lm.model, collated([row]))[0].item() for row in group]
    assert total / tokens == pytest.approx(sum(sums) / sum(len(row.answer) for row in group), rel=1e-5)


def test_checkpointing_gives_the_same_loss_and_gradient():
    group = encoded(world.forget())
    found = []
    for on in (False, True):
        lm = small()
        lm.model.train()
        with checkpointing(lm, on=on):
            found.append((backward_token_mean(lm.model, group, accumulation=1), gradient(lm)))
        assert not lm.model.is_activation_checkpointing
    assert found[0][0] == found[1][0]
    assert torch.allclose(found[0][1], found[1][1], atol=1e-7)


def test_one_seed_gives_one_model_bit_for_bit():
    made = [small() for _ in range(3)]
    for lm, seed in zip(made, (0, 0, 1), strict=True):
        fit(lm, world.forget(), **{**RECIPE, "seed": seed})
    assert torch.equal(weights(made[0]), weights(made[1]))
    assert not torch.equal(weights(made[0]), weights(made[2]))


def test_training_ends_after_the_epoch_that_reached_the_loss_asked_for():
    told = []
    lm = small()
    fitted = fit(lm, world.forget(), **RECIPE, until_nll=100.0, told=lambda *steps: told.append(steps))
    assert (fitted.epochs, fitted.steps, told) == (1, 1, [(1, 2)])
    assert not lm.model.training


def test_bfloat16_computes_roughly_and_keeps_float32_weights():
    exact, rough = small(), small()
    once = {**RECIPE, "epochs": 1}
    fits = [fit(lm, world.forget(), **once, precision=kind) for lm, kind in ((exact, "float32"), (rough, "bfloat16"))]
    assert all(value.dtype == torch.float32 for value in rough.model.parameters())
    assert fits[0].nll != fits[1].nll
    assert fits[1].nll == pytest.approx(fits[0].nll, rel=0.01)


def test_a_training_that_diverges_is_refused():
    with pytest.raises(Refused, match="TRAINING_DIVERGED"):
        fit(small(), world.forget(), **{**RECIPE, "lr": 1e30})


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 60), min_size=1, max_size=120), st.integers(1, 16), st.integers(0, 3), st.integers(0, 3))
def test_every_row_is_in_one_batch_of_an_epoch_whatever_the_lengths(lengths, batch, seed, epoch):
    rows = [Encoded((0,) * length, 0) for length in lengths]
    groups = batches(rows, batch=batch, seed=seed, epoch=epoch)
    assert sorted(row for group in groups for row in group) == list(range(len(rows)))
    assert len(groups) == -(-len(rows) // batch)
    assert groups == batches(rows, batch=batch, seed=seed, epoch=epoch)


def test_companions_change_with_the_epoch_and_the_seed():
    rows = encoded(world.retain())
    orders = [batches(rows, batch=8, seed=seed, epoch=epoch) for seed, epoch in ((0, 0), (0, 1), (1, 0))]
    assert len({str([sorted(group) for group in order]) for order in orders}) == 3


def test_buckets_of_like_lengths_hold_less_padding_than_batches_at_random():
    rows = encoded([row for author in made_authors(authors=20, questions=20, seed=1) for row in author.rows])
    bucketed = [padding_share(rows, batches(rows, batch=8, seed=0, epoch=epoch)) for epoch in range(5)]
    plain = padding_share(rows, [list(range(at, at + 8)) for at in range(0, len(rows), 8)])
    assert max(bucketed) < plain / 2


def test_a_batch_marks_tokens_and_answers_and_hides_its_padding():
    rows = [Encoded((5, 6, 7, 8), 2), Encoded((5, 9), 1)]
    batch = collated(rows)
    assert batch.ids_BT.tolist() == [[5, 6, 7, 8], [5, 9, 0, 0]]
    assert batch.mask_BT.tolist() == [[1, 1, 1, 1], [1, 1, 0, 0]]
    assert batch.answers_BT.tolist() == [[False, False, True, True], [False, True, False, False]]


def test_the_likelihood_of_a_row_does_not_depend_on_its_companions():
    lm, rows = small(), encoded(world.forget())
    together, _ = answer_nll(lm.model, collated(rows))
    alone = torch.cat([answer_nll(lm.model, collated([row]))[0] for row in rows])
    assert torch.allclose(together, alone, atol=1e-4)
