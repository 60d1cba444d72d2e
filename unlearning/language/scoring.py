"""Likelihoods of answers. Letters: B rows, T tokens, K answer tokens of the whole batch, D width, V vocabulary.

The body runs once over everything and the output head over answer tokens only: with a large vocabulary the head is
the costlier half, and prompts need none. Rows are padded on the right, where a model that looks back only never meets
the padding before a token; so no mask is made, and attention takes its quick causal path instead of a masked one.
`looks_back_only` is what makes that right, and a model is refused without it.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from unlearning.language.batching import Batch
from unlearning.runner.refusals import Refused


def answer_logits(model: nn.Module, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
    """logits_KV before each answer token, targets_K (that token), owner_K (its row in the batch).

    Answer tokens stand in the order of the rows, and within a row in the order of the text.
    """
    hidden_BTD = body(model)(input_ids=batch.ids_BT, use_cache=False).last_hidden_state
    before_BT = batch.answers_BT[:, 1:]
    logits_KV = logits_of(model, hidden_BTD[:, :-1][before_BT])
    return logits_KV, batch.ids_BT[:, 1:][before_BT], before_BT.nonzero()[:, 0]


def answer_nll(model: nn.Module, batch: Batch) -> tuple[Tensor, Tensor]:
    """sums_B of -log p over the answer tokens of each row (end of sequence included, nats), and counts_B of them."""
    logits_KV, targets_K, owner_K = answer_logits(model, batch)
    losses_K = functional.cross_entropy(logits_KV.float(), targets_K, reduction="none")
    sums_B = losses_K.new_zeros(len(batch)).index_add(0, owner_K, losses_K)
    return sums_B, batch.answers_BT[:, 1:].sum(1)


def hidden(model: nn.Module, batch: Batch, layer: int) -> Tensor:
    """States hidden_BTD after block `layer` (from 0); later blocks and the head are not run.

    Raises: Refused with LAYER_UNKNOWN.
    """
    stack = blocks(model)
    if not 0 <= layer < len(stack):
        raise Refused("LAYER_UNKNOWN", f"expected a layer from 0 to {len(stack) - 1}, got {layer}.", "Choose another.")
    whole = stack[layer]
    stack[layer] = _Last(whole)
    try:
        body(model)(input_ids=batch.ids_BT, use_cache=False)
    except _Reached as reached:
        return reached.hidden_BTD
    finally:
        stack[layer] = whole
    raise Refused("LAYER_UNKNOWN", "expected the block to be run, it was not.", "Choose another layer.")


def base(model: nn.Module) -> Any:
    """The causal LM itself, out of its adapters' wrapper if it has one; the adapters stay in place."""
    unwrap: Any = getattr(model, "get_base_model", None)
    return model if unwrap is None else unwrap()


def body(model: nn.Module) -> Any:
    """The model without its output head.

    Raises: Refused with MODEL_UNSUPPORTED.
    """
    inner = base(model)
    found = getattr(inner, inner.base_model_prefix, None)
    if found is None:
        raise Refused("MODEL_UNSUPPORTED", "expected a body apart from its head, found none.", "Use another model.")
    return found


def head(model: nn.Module) -> nn.Module:
    """The output head."""
    found: nn.Module = base(model).get_output_embeddings()
    return found


def logits_of(model: nn.Module, states: Tensor) -> Tensor:
    """Logits (..., V) of states (..., D) of the body: the head, and what some architectures do to its answer."""
    logits: Tensor = head(model)(states)
    config = base(model).config
    if scale := getattr(config, "logit_scale", None):  # Cohere
        logits = logits * scale
    if divisor := getattr(config, "logits_scaling", None):  # Granite
        logits = logits / divisor
    if cap := getattr(config, "final_logit_softcapping", None):  # Gemma 2
        logits = torch.tanh(logits / cap) * cap
    return logits


def blocks(model: nn.Module) -> nn.ModuleList:
    """The transformer blocks in their order.

    Raises: Refused with LAYER_UNKNOWN.
    """
    wanted = base(model).config.num_hidden_layers
    for module in body(model).modules():
        if isinstance(module, nn.ModuleList) and len(module) == wanted:
            return module
    raise Refused("LAYER_UNKNOWN", "expected a list of blocks in the model, found none.", "Use another architecture.")


class _Reached(Exception):  # noqa: N818 - not an error
    def __init__(self, hidden_BTD: Tensor) -> None:
        self.hidden_BTD = hidden_BTD
        super().__init__()


class _Last(nn.Module):
    """Stands for one block and ends the pass after it; a hook would be run again inside gradient checkpointing."""

    def __init__(self, block: nn.Module) -> None:
        super().__init__()
        self.block = block

    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(super().__getattr__("block"), name)

    def forward(self, *args: Any, **kwargs: Any) -> Tensor:
        found = self.block(*args, **kwargs)
        raise _Reached(found[0] if isinstance(found, tuple) else found)


def finite(model: nn.Module) -> bool:
    """Whether every weight is a number."""
    return all(bool(torch.isfinite(value).all()) for value in model.state_dict().values() if value.is_floating_point())


@torch.no_grad()
def head_is_known(model: nn.Module) -> bool:
    """Whether `logits_of` the body's states are the model's own logits; where not, `answer_logits` would be wrong."""
    was_training = model.training
    model.eval()
    device = next(model.parameters()).device
    ids_BT = torch.tensor([[0, 1, 2]], device=device)
    mask_BT = torch.ones_like(ids_BT)
    whole = model(input_ids=ids_BT, attention_mask=mask_BT, use_cache=False).logits
    states = body(model)(input_ids=ids_BT, attention_mask=mask_BT, use_cache=False).last_hidden_state
    model.train(was_training)
    return bool(torch.allclose(whole.float(), logits_of(model, states).float(), rtol=1e-4, atol=1e-5))


@torch.no_grad()
def looks_back_only(model: nn.Module) -> bool:
    """Whether what stands after a token leaves its state alone; where not, right padding would need a mask.

    As far as the number format can tell: kernels may round two rows of one batch differently in their last bits.
    """
    was_training = model.training
    model.eval()
    ids_BT = torch.tensor([[1, 2, 1, 0, 0], [1, 2, 1, 2, 1]], device=next(model.parameters()).device)
    states = body(model)(input_ids=ids_BT, use_cache=False).last_hidden_state[:, :3]
    model.train(was_training)
    one_TD, other_TD = states.float()
    apart_T = (one_TD - other_TD).norm(dim=1) / one_TD.norm(dim=1).clamp_min(1e-6)
    return bool((apart_T <= rounding(states.dtype)).all())


def rounding(dtype: torch.dtype) -> float:
    """How far apart two states of the same tokens may be, as a share of their length, for the rounding of many layers.

    Four last places: 3 % in bfloat16, .4 % in float16; 1e-4 where a last place is less. Three layers of random weights
    that look ahead move a state by a third in each of the formats, the last of them alone by 14 %.
    """
    return max(1e-4, 4 * torch.finfo(dtype).eps)
