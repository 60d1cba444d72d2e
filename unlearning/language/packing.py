"""One file for a whole language model, so that one digest covers weights, configuration, tokenizer and template.

A safetensors file whose only metadata key "obelus" is canonical JSON: {"format", "config", "tokenizer"}.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor
from transformers import AutoConfig, AutoModelForCausalLM

from unlearning.language.tokenizers import tokenizer_document, tokenizer_from
from unlearning.runner.refusals import Refused

FORMAT = "obelus/language/1"
_ANOTHER = "Give a file that a language engine or save_packed wrote."
_OF_THIS_MACHINE = ("_name_or_path", "transformers_version")


def write(path: Path, model: Any, tokenizer: Any) -> None:
    """Write the file. Weights that are tied to others are left out and tied again by `unpacked`."""
    config = {name: value for name, value in model.config.to_dict().items() if name not in _OF_THIS_MACHINE}
    public = {"format": FORMAT, "config": config, "tokenizer": tokenizer_document(tokenizer)}
    # One metadata key only: the library writes several in no fixed order, and equal models must have equal bytes.
    text = json.dumps(public, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    save_file(own_weights(model), path, metadata={"obelus": text})


def read(path: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Metadata and tensors of a packed file.

    Raises: Refused with MODEL_UNREADABLE.
    """
    try:
        with safe_open(path, "pt") as file:
            public = json.loads((file.metadata() or {})["obelus"])
            # Cloned: the library's tensors lie in the mapped file, which may be replaced under us.
            tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118 - no mapping
    except (OSError, SafetensorError, KeyError, ValueError, TypeError) as error:
        raise _unreadable(f"expected a safetensors file of format {FORMAT}.") from error
    if not isinstance(public, dict) or public.get("format") != FORMAT:
        raise _unreadable(f"expected format {FORMAT}, got another.")
    if set(public) != {"format", "config", "tokenizer"} or not all(
        isinstance(public[name], dict) for name in ("config", "tokenizer")
    ):
        raise _unreadable("expected config and tokenizer beside the format, got others.")
    return public, tensors


def unpacked(document: dict[str, Any], tensors: dict[str, Tensor], *, dtype: torch.dtype) -> tuple[Any, Any]:
    """Model (eval mode) and tokenizer of what `read` found.

    Raises: Refused with MODEL_UNREADABLE or TOKENIZER_UNREADABLE.
    """
    config = _config(document["config"])
    try:
        # Without storage first: metadata that lies about sizes must not make us reserve them.
        with torch.device("meta"):
            expected = {name: value.shape for name, value in own_weights(_built(config)).items()}
    except Exception as error:  # an architecture can refuse numbers in any way
        raise _unreadable("expected a configuration that an architecture takes.") from error
    if {name: value.shape for name, value in tensors.items()} != expected:
        raise _unreadable("expected the weights that the configuration names, got others.")
    if any(value.dtype not in (torch.float32, torch.bfloat16, torch.float16) for value in tensors.values()):
        raise _unreadable("expected weights in float32, bfloat16 or float16, got others.")
    with torch.random.fork_rng(devices=[]):
        model = AutoModelForCausalLM.from_config(config, trust_remote_code=False, dtype=dtype)
    model.load_state_dict(tensors, strict=False)  # the names were compared above; what is tied is not in the file
    model.tie_weights()
    return model.eval(), tokenizer_from(document["tokenizer"])


def own_weights(model: Any) -> dict[str, Tensor]:
    """Every persistent tensor by name, without those that are tied to another, in the order of the names."""
    tied = set(getattr(model, "all_tied_weights_keys", None) or {})
    return {
        name: value.detach().cpu().contiguous() if value.device.type != "meta" else value
        for name, value in sorted(model.state_dict().items())
        if name not in tied
    }


def _config(entries: dict[str, Any]) -> Any:
    rest = dict(entries)
    kind = rest.pop("model_type", None)
    if not isinstance(kind, str) or "auto_map" in rest:
        raise _unreadable("expected a configuration with a model_type and without auto_map.")
    try:
        return AutoConfig.for_model(kind, **rest)
    except Exception as error:
        raise _unreadable("expected a configuration that an architecture takes.") from error


def _built(config: Any) -> Any:
    return AutoModelForCausalLM.from_config(config, trust_remote_code=False)


def _unreadable(what: str) -> Refused:
    return Refused("MODEL_UNREADABLE", what, _ANOTHER)
