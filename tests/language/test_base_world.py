"""The memorised model that the whole language suite shares: it does remember, and its twin does not."""

import torch

from tests import language_world as world
from unlearning.language.batching import collated
from unlearning.language.encoding import encode
from unlearning.language.scoring import answer_nll


def probability(lm, rows):
    batch = collated(encode(lm.tokenizer, rows, template="plain", most_tokens=128))
    with torch.no_grad():
        sums_B, counts_B = answer_nll(lm.model, batch)
    return float(torch.exp(-sums_B / counts_B).mean())


def test_the_trained_model_remembers_and_the_retrained_one_never_knew():
    trained, retrained = world.trained(), world.retrained()
    assert probability(trained, world.forget()) > 0.9
    assert probability(trained, world.retain()) > 0.95
    assert probability(trained, world.holdout()) < 0.01
    assert probability(retrained, world.retain()) > 0.95
    assert probability(retrained, world.forget()) < 0.01
