"""The benchmark's contestants do the same work, and what cannot run here says so."""

from __future__ import annotations

import copy

import pytest

from benchmarks.language import gpu
from benchmarks.language.material import BATCH, Size, made_long, model, random_batches
from benchmarks.language.ours import our_npo
from benchmarks.language.plain import plain_npo
from benchmarks.language.speed import paddings
from unlearning.language.models import LanguageModel

TINY = Size("tiny", 16, 1, 1, 300)


def test_a_random_order_holds_every_row_once_an_epoch() -> None:
    order = random_batches(20, steps=6, seed=0)
    assert [len(batch) for batch in order] == [BATCH, BATCH, 4] * 2
    assert sorted(row for batch in order[:3] for row in batch) == list(range(20))


@pytest.mark.slow
def test_like_lengths_leave_less_padding_than_a_random_order() -> None:
    material = made_long()
    found = paddings(model(material, TINY), material)
    assert found["padding_plain"] > 0.2
    assert found["padding_ours"] < 0.1


@pytest.mark.slow
def test_both_loops_take_the_same_number_of_steps_on_the_same_rows_and_forget() -> None:
    material = made_long()
    start = model(material, TINY)
    ours, plain = (LanguageModel(copy.deepcopy(start.model), start.tokenizer) for _ in range(2))
    losses = plain_npo(plain, material, steps=3)
    assert our_npo(ours, material, epochs=1) == len(losses) == 3
    moved = [
        max(float((a - b).abs().max()) for a, b in zip(lm.model.parameters(), start.model.parameters(), strict=True))
        for lm in (ours, plain)
    ]
    assert moved[0] == pytest.approx(moved[1], rel=0.5)


@pytest.mark.slow
@pytest.mark.parametrize("what", ["full", "lora"])
def test_the_path_of_the_gpu_runs_on_a_small_model_too(what: str) -> None:
    shape = gpu.LLAMA_1B | {"vocab_size": 64, "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1}
    shape |= {"num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 8}
    found = gpu.one(what, shape, device="cpu", steps=1)
    assert found.tokens_per_s > 0
    assert found.utilisation is None
