"""Keeping by divergence: on the rows to keep the model stays with the answers of the model it was.

Maini et al., "TOFU: A Task of Fictitious Unlearning for LLMs" (2024), KL minimisation, beside gradient ascent on the
rows to forget:

    L_r = (1 / T_r) sum_t KL( p_0(. | x, y_<t) || p(. | x, y_<t) )

The old answers are computed once. Of each token's V probabilities the C likeliest are kept and the rest as one sum, so
that the cache is C + 1 numbers a token. Merging outcomes never raises a divergence: the value is a lower bound of the
whole one, exact for C = V.
"""

from __future__ import annotations

import torch
from torch import Tensor

_LEAST = 1e-30  # the rest may be exactly zero, whose logarithm is not a number to learn from


def coarse(logits_KV: Tensor, *, top: int) -> tuple[Tensor, Tensor, Tensor]:
    """(positions (K, C), their log-probabilities (K, C), log of the rest (K,)): what is kept of the old answers."""
    logp_KV = logits_KV.float().log_softmax(dim=-1)
    logp_KC, places_KC = logp_KV.topk(min(top, logp_KV.shape[-1]), dim=-1)
    return places_KC, logp_KC, _rest(logp_KC)


def kl(logits_KV: Tensor, places_KC: Tensor, old_logp_KC: Tensor, old_rest_K: Tensor) -> Tensor:
    """KL per answer token, in nats, over the C kept outcomes and the rest as one more; averaged over the tokens."""
    dtype = torch.promote_types(logits_KV.dtype, torch.float32)
    logp_KC = logits_KV.to(dtype).log_softmax(dim=-1).gather(-1, places_KC)
    kept_K = (old_logp_KC.exp() * (old_logp_KC - logp_KC)).sum(dim=-1)
    if places_KC.shape[-1] == logits_KV.shape[-1]:
        return kept_K
    return kept_K + old_rest_K.exp() * (old_rest_K - _rest(logp_KC))


def _rest(logp_KC: Tensor) -> Tensor:
    return (1 - logp_KC.exp().sum(dim=-1)).clamp_min(_LEAST).log()
