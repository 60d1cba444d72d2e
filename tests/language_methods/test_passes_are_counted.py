"""Efficient by design: what a step runs, counted."""

import gc

import pytest
import torch
from transformers import LlamaForCausalLM

from tests import language_world as world
from tests.language_methods.method_world import TO_THE_END, counted, short, tiny
from unlearning.language import unlearning_cache
from unlearning.language.batching import collated
from unlearning.language.encoding import encode
from unlearning.language.methods import METHODS
from unlearning.language.scoring import blocks, body, head
from unlearning.language.unlearning_cache import Kept
from unlearning.language.unlearning_passes import Passes, Sides

STEPS = 4  # two epochs of eight rows, four at a time


def bodies_run(method: str, **options) -> int:
    """How often the model's body ran in a short run."""
    lm, runs = tiny(), []
    handle = body(lm.model).register_forward_hook(lambda *_: runs.append(1))
    short(lm, method, **options)
    handle.remove()
    return len(runs)


def test_the_reference_of_npo_costs_one_pass_in_the_whole_run():
    assert bodies_run("npo") == bodies_run("simnpo") + 1
    assert bodies_run("npo", epochs=4) == bodies_run("simnpo", epochs=4) + 1


def test_the_references_of_idk_dpo_cost_two_passes_in_the_whole_run():
    # Each step runs one body more than npo does, over the refusals.
    assert bodies_run("idk_dpo") == bodies_run("npo") + 1 + STEPS


def test_there_is_never_a_second_model():
    def models() -> int:
        return sum(type(thing) is LlamaForCausalLM for thing in gc.get_objects())

    for method in ("dpo", "kl"):
        lm, during = tiny(), []
        before = models()
        short(lm, method, epochs=1, told=lambda step, _, during=during: step == 2 and during.append(models()))
        assert during == [before], method


def test_a_pass_whose_weight_is_zero_does_not_run():
    with counted(Passes, "retain") as kept, counted(Passes, "forget") as forgotten:
        short(tiny(), "grad_diff", retain_weight=0.0)
        assert (len(kept), len(forgotten)) == (0, STEPS)
        short(tiny(), "grad_diff", forget_weight=0.0)
        assert (len(kept), len(forgotten)) == (STEPS, STEPS)


def test_nothing_is_cached_of_rows_to_keep_that_no_step_will_see():
    with counted(unlearning_cache, "hidden") as asked:
        short(tiny(), "rmu", epochs=1, retain_weight=1.0)
    cached = asked[0][1]
    # Two steps of four rows: eight of the twelve rows to keep.
    assert len(cached) == 8


def test_rmu_runs_no_block_after_its_layer_and_no_head():
    lm, ran = tiny(), []
    for place, block in enumerate(blocks(lm.model)):
        block.register_forward_hook(lambda *_, place=place: ran.append(place))
    head(lm.model).register_forward_hook(lambda *_: ran.append(99))
    passes = alone(lm, "rmu", layer=1)
    assert ran == [0, 1]  # the cache of old states
    ran.clear()
    passes.forget({0: 0.5, 1: 0.5})
    passes.retain([0, 1], 10)
    assert ran == [0, 1, 0, 1]
    grads = [weight.grad for weight in blocks(lm.model)[2].parameters()]
    assert all(grad is None for grad in grads)


def test_the_head_runs_on_answer_tokens_only():
    lm, rows_of_head = tiny(), []
    head(lm.model).register_forward_hook(lambda _, given, __: rows_of_head.append(given[0].shape[0]))
    passes = alone(lm, "grad_diff")
    passes.forget({0: 0.5, 1: 0.5})
    passes.retain([0, 2], 10)
    sides = passes.sides
    answers = [[len(sides.forget[row].answer) for row in (0, 1)], [len(sides.retain[row].answer) for row in (0, 2)]]
    assert rows_of_head == [sum(some) for some in answers]


def test_three_requests_share_one_pass_over_the_rows_to_keep():
    requests = [world.forget()[:4], world.forget()[4:8], world.holdout()[:4]]
    with counted(Passes, "retain") as together:
        done = short(tiny(), "npo", forget=requests, holdout=[], epochs=2)
    with counted(Passes, "retain") as apart:
        for request in requests:
            short(tiny(), "npo", forget=request, holdout=[], epochs=2)
    assert (len(together), len(apart)) == (2, 6)
    assert done.record["requests"] == 3


def test_several_requests_may_come_as_one_list_with_their_sizes():
    rows = world.forget()
    apart = short(tiny(), "npo", forget=[rows[:3], rows[3:]])
    listed = short(tiny(), "npo", forget=rows, requests=[3, 5])
    assert apart.record["data_order"] == listed.record["data_order"]


@pytest.mark.parametrize("method", ["grad_diff", "kl", "npo", "idk_dpo", "rmu"])
def test_parts_of_a_step_add_up_to_the_step(method):
    whole, parts = (gradients(method, accumulation) for accumulation in (1, 3))
    for one, other in zip(whole, parts, strict=True):
        assert torch.allclose(one, other, rtol=1e-3, atol=1e-6 + 1e-4 * float(one.abs().max()))


def gradients(method: str, accumulation: int) -> list[torch.Tensor]:
    lm = tiny()
    passes = alone(lm, method, accumulation=accumulation, batch=6)
    tokens = sum(len(passes.sides.forget[row].answer) for row in range(6))
    passes.forget(dict.fromkeys(range(6), 1 / 6 if passes.method.over == "rows" else 1 / tokens))
    passes.retain(range(6), sum(len(passes.sides.retain[row].answer) for row in range(6)))
    return [weight.grad.clone() for weight in lm.model.parameters() if weight.grad is not None]


def alone(lm, method: str, **options) -> Passes:
    """The passes of a run without the run."""
    own = {"forget_weight": 1.0, "retain_weight": 2.0, "accumulation": 1, "beta": 0.1, "kept_outcomes": 8, "layer": 1}
    own |= TO_THE_END | {"steering": 8.0} | options
    how = {"template": "plain", "most_tokens": 512}
    forget, retain = (encode(lm.tokenizer, rows[:6], **how) for rows in (world.forget(), world.retain()))
    others = retain if method == "idk_dpo" else []
    old = unlearning_cache.kept(
        lm.model, METHODS[method], own, forget=forget, alternatives=others, retain=retain, used=range(6)
    )
    # What it was is a little other than what it is, so that no loss and no slope is zero by chance.
    shifted = Kept(old.reference_nll + 0.5, old.alternative_nll - 0.5, old.outcomes, old.states)
    with torch.no_grad():
        lm.model.get_input_embeddings().weight.mul_(1.1)
    aim = torch.full((16,), 0.5) if method == "rmu" else torch.empty(0)
    assert len(collated(forget)) == 6
    return Passes(lm.model, METHODS[method], own, Sides(forget, others, retain), shifted, aim)
