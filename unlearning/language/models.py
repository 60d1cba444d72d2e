"""Causal language models and their files: a Hugging Face folder, or one packed file (see packing)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from torch import nn
from transformers import LlamaConfig, PreTrainedTokenizerFast
from transformers.utils import logging

from unlearning.language import folders, packing
from unlearning.language.folders import unreadable
from unlearning.language.scoring import finite, head_is_known, looks_back_only
from unlearning.runner.refusals import Refused

logging.disable_progress_bar()  # type: ignore[no-untyped-call] # left bare
Precision = Literal["float32", "bfloat16"]
PACKED = "model.safetensors"
_DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}
_POSITIONS = 2048


@dataclass(frozen=True)
class LanguageModel:
    """A causal language model in eval mode (perhaps with adapters around it) and its fast tokenizer."""

    model: Any
    tokenizer: Any


def load(path: Path, *, dtype: Precision = "float32") -> LanguageModel:
    """Read a Hugging Face folder, or a packed file or the folder that holds nothing but one.

    Nothing is unpickled, no code of the folder is run, the network is not asked.
    Raises: Refused with MODEL_UNREADABLE or MODEL_UNSUPPORTED.
    """
    if path.is_dir() and (path / "config.json").is_file():
        return sound(LanguageModel(*folders.read(path, dtype=_DTYPES[dtype])))
    file = path / PACKED if path.is_dir() else path
    document, tensors = packing.read(file)
    return sound(LanguageModel(*packing.unpacked(document, tensors, dtype=_DTYPES[dtype])))


def save_folder(folder: Path, lm: LanguageModel) -> None:
    """Write a folder that any Hugging Face tool reads; with adapters, these alone beside the tokenizer."""
    folder.mkdir(parents=True, exist_ok=True)
    lm.model.save_pretrained(folder, safe_serialization=True)
    lm.tokenizer.save_pretrained(folder)


def save_packed(path: Path, lm: LanguageModel) -> None:
    """Write weights, adapters, configuration, tokenizer and template into one file; equal models give equal bytes.

    Raises: Refused with ADAPTER_UNSUPPORTED.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    packing.write(path, lm.model, lm.tokenizer)


def fresh_llama(tokenizer: PreTrainedTokenizerFast, *, width: int, layers: int, heads: int, seed: int) -> LanguageModel:
    """A small Llama with random weights drawn from the seed alone, float32; its head and embeddings are not tied.

    Raises: Refused with ARCHITECTURE_INVALID.
    """
    if width % heads or (width // heads) % 2:
        raise Refused("ARCHITECTURE_INVALID", f"expected {heads} heads of even width in {width}.", "Change either.")
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=width,
        intermediate_size=4 * width,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=heads,
        max_position_embeddings=_POSITIONS,
        tie_word_embeddings=False,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        dtype="float32",
    )
    return fresh(config, tokenizer, seed=seed)


def fresh(config: Any, tokenizer: PreTrainedTokenizerFast, *, seed: int) -> LanguageModel:
    """Any architecture from its configuration, with random weights drawn from the seed alone.

    Raises: Refused with MODEL_UNSUPPORTED.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = packing.built(config)
    return sound(LanguageModel(model.eval(), tokenizer))


def sound(lm: LanguageModel) -> LanguageModel:
    """The model itself, if its weights are finite, its tokens fit and its head may be applied to single positions.

    Raises: Refused with MODEL_UNREADABLE or MODEL_UNSUPPORTED.
    """
    if not finite(lm.model):
        raise unreadable("expected finite weights, found NaN or infinity.")
    if len(lm.tokenizer) > lm.model.get_input_embeddings().weight.shape[0]:
        raise unreadable("expected a vocabulary that the embeddings hold, the tokenizer's is larger.")
    if not head_is_known(lm.model):
        raise Refused(
            "MODEL_UNSUPPORTED",
            "expected logits that are a known function of the body's states; this model does more to them.",
            "Use another architecture: likelihoods of answer tokens alone would be wrong here.",
        )
    if not looks_back_only(lm.model):
        raise Refused(
            "MODEL_UNSUPPORTED",
            "expected a causal model, whose state at a token does not depend on later ones; this one's does.",
            "Use a causal language model: padding would change the likelihoods of this one.",
        )
    lm.model.eval()
    return lm


def parameters_of(model: nn.Module) -> int:
    """How many weights there are, tied ones once."""
    return sum(value.numel() for value in model.parameters())
