"""A thousand million random weights on one GPU, bfloat16: tokens per second, peak memory, model-FLOPs utilisation.

`python -m benchmarks.language.gpu` where there is CUDA; elsewhere it says NOT RUN and measures nothing.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import torch

from benchmarks.language.plain import BETA, LR
from unlearning.language.batching import Batch
from unlearning.language.losses.npo import npo
from unlearning.language.scoring import answer_nll

# The shape of Llama 3.2 1B: 1.24 thousand million weights, a tied head.
LLAMA_1B: dict[str, Any] = {
    "vocab_size": 128_256,
    "hidden_size": 2048,
    "intermediate_size": 8192,
    "num_hidden_layers": 16,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "head_dim": 64,
    "tie_word_embeddings": True,
}
# Dense bfloat16 peaks, FLOP per second, as their makers state them.
PEAKS = {"H200": 989e12, "H100": 989e12, "A100": 312e12}
ROWS, TOKENS, ANSWER = 8, 256, 160
WARM, STEPS = 3, 10


@dataclass(frozen=True)
class Found:
    """utilisation: 6 N FLOPs a trained token (4 N with frozen weights) over the GPU's peak; None for an unknown GPU."""

    what: str
    tokens_per_s: float
    peak_bytes: int
    utilisation: float | None


def measured() -> list[Found]:
    """Full weights and LoRA; an empty list where there is no CUDA."""
    if not torch.cuda.is_available():
        return []
    return [one(what, LLAMA_1B, device="cuda", steps=STEPS) for what in ("full", "lora")]


def one(what: str, shape: dict[str, Any], *, device: str, steps: int) -> Found:
    """NPO with a cached reference and the ordinary loss on rows to keep, as the engine's two passes do it."""
    model = _model(what, shape, device)
    moving = [weight for weight in model.parameters() if weight.requires_grad]
    optimiser = torch.optim.AdamW(moving, lr=LR, fused=device == "cuda")
    batch, reference_B = _batch(shape["vocab_size"], device), torch.zeros(ROWS, device=device)
    for step in range(WARM + steps):
        if step == WARM:
            _wait(device)
            begun = time.perf_counter()
        optimiser.zero_grad(set_to_none=True)
        npo(answer_nll(model, batch)[0], reference_B, beta=BETA).mean().backward()  # type: ignore[no-untyped-call] # torch leaves it bare
        sums_B, counts_B = answer_nll(model, batch)
        (sums_B.sum() / counts_B.sum()).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    _wait(device)
    rate = 2 * ROWS * TOKENS * steps / (time.perf_counter() - begun)
    weights = sum(weight.numel() for weight in model.parameters())
    flops = (6 if what == "full" else 4) * weights * rate
    peak = torch.cuda.max_memory_allocated() if device == "cuda" else 0
    return Found(what, rate, peak, _share(flops, device))


def _model(what: str, shape: dict[str, Any], device: str) -> Any:
    from transformers import LlamaConfig, LlamaForCausalLM

    if device == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    with torch.device(device):
        model: Any = LlamaForCausalLM(LlamaConfig(**shape))
    model = model.to(torch.bfloat16)
    if what == "full":
        return model.train()
    from peft import LoraConfig, get_peft_model

    targets = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    return get_peft_model(model, LoraConfig(r=8, lora_alpha=16, target_modules=targets)).train()


def _batch(vocabulary: int, device: str) -> Batch:
    ids_BT = torch.randint(0, vocabulary, (ROWS, TOKENS), generator=torch.Generator().manual_seed(0))
    answers_BT = torch.zeros(ROWS, TOKENS, dtype=torch.bool)
    answers_BT[:, -ANSWER:] = True
    return Batch(ids_BT, torch.ones_like(ids_BT), answers_BT).to(device)


def _share(flops: float, device: str) -> float | None:
    if device != "cuda":
        return None
    name = torch.cuda.get_device_name()
    return next((flops / peak for known, peak in PEAKS.items() if known in name), None)


def _wait(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()


if __name__ == "__main__":
    print("\n".join(map(str, measured())) or "NOT RUN: no CUDA on this machine.")
