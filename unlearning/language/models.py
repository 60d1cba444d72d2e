"""Causal language models and their files: a Hugging Face folder, or one packed file (see packing)."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from torch import nn
from transformers import AutoModelForCausalLM, LlamaConfig, PreTrainedTokenizerFast
from transformers.utils import logging

from unlearning.language import packing
from unlearning.language.scoring import finite, head_is_known
from unlearning.runner.refusals import Refused

logging.disable_progress_bar()
Precision = Literal["float32", "bfloat16"]
PACKED = "model.safetensors"
_DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}
_POSITIONS = 2048
_ANOTHER = "Give a folder with config.json, tokenizer.json and safetensors, or a packed model.safetensors."


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
        return sound(_from_folder(path, dtype))
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
    lm.model.eval()
    return lm


def unreadable(what: str) -> Refused:
    """The one refusal for files that are no sound model."""
    return Refused("MODEL_UNREADABLE", what, _ANOTHER)


def parameters_of(model: nn.Module) -> int:
    """How many weights there are, tied ones once."""
    return sum(value.numel() for value in model.parameters())


def _from_folder(folder: Path, dtype: Precision) -> LanguageModel:
    _refuse_foreign_files(folder)
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    local: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    try:
        # Read as its file says: AutoTokenizer would rebuild it by the model's kind, and may add tokens of its own.
        tokenizer = PreTrainedTokenizerFast.from_pretrained(folder, **local)
        found: Any = AutoModelForCausalLM.from_pretrained(
            folder, dtype=_DTYPES[dtype], use_safetensors=True, output_loading_info=True, **local
        )
        model, told = found
    except Exception as error:  # a foreign file can fail in any way, and the library's text may quote it
        raise unreadable("expected a causal language model and its fast tokenizer, could not read one.") from error
    if told["missing_keys"] or told["mismatched_keys"] or told["unexpected_keys"]:
        raise unreadable("expected exactly the weights that config.json names, got others.")
    return LanguageModel(_with_adapter_of(folder, model), tokenizer)


def _with_adapter_of(folder: Path, model: Any) -> Any:
    if not (folder / "adapter_model.safetensors").is_file():
        return model
    from peft import PeftModel

    try:
        return PeftModel.from_pretrained(model, str(folder), local_files_only=True)
    except Exception as error:
        raise unreadable("expected a peft adapter that fits the model beside it.") from error


def _refuse_foreign_files(folder: Path) -> None:
    if not (folder / "tokenizer.json").is_file() or not list(folder.glob("*.safetensors")):
        raise unreadable("expected tokenizer.json and safetensors in the folder, found none.")
    if any(not file.resolve().is_relative_to(folder.resolve()) for file in folder.iterdir()):
        raise unreadable("expected files inside the folder, found a link that leaves it.")
    for name in ("config.json", "tokenizer_config.json"):
        try:
            document = json.loads((folder / name).read_text("utf-8")) if (folder / name).is_file() else {}
        except (OSError, ValueError) as error:
            raise unreadable(f"expected {name} in JSON.") from error
        if not isinstance(document, dict) or "auto_map" in document:
            raise unreadable(f"expected {name} without auto_map: code that comes with a model is never run.")
