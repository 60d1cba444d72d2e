"""One file for a whole language model, so that one digest covers weights, configuration, tokenizer and template.

A safetensors file whose only metadata key "obelus" is canonical JSON: {"format", "config", "tokenizer", "adapters"}.
Adapters (name -> rank, alpha, targets) are kept apart from the weights they stand on, as tensors
"adapter:<name>:<tensor>", so that one can be left out without a trace in the others.
"""

from __future__ import annotations

from collections.abc import Set
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import AutoConfig, AutoModelForCausalLM

from unlearning.described_weights import read_described, refuse_unfit, write_described
from unlearning.language import lora
from unlearning.language.tokenizers import tokenizer_document, tokenizer_from
from unlearning.runner.refusals import Refused

FORMAT = "obelus/language/1"
_ANOTHER = "Give a file that a language engine or save_packed wrote."
_PARTS = ("config", "tokenizer", "adapters")
_ADAPTER = "adapter:"
_DTYPES = frozenset({torch.float32, torch.bfloat16, torch.float16})
_NOT_THE_MODEL = ("_name_or_path", "transformers_version", "architectures")  # depend on where it was read from


def write(path: Path, model: Any, tokenizer: Any) -> None:
    """Write the file. Weights that are tied to others are left out and tied again by `unpacked`.

    Raises: Refused with ADAPTER_UNSUPPORTED.
    """
    adapters = sorted(getattr(model, "peft_config", {}))
    bare = model.get_base_model() if adapters else model
    config = {name: value for name, value in bare.config.to_dict().items() if name not in _NOT_THE_MODEL}
    public = {
        "format": FORMAT,
        "config": config,
        "tokenizer": tokenizer_document(tokenizer),
        "adapters": {name: lora.sizes_of(model, name) for name in adapters},
    }
    tensors = own_weights(bare)
    for name in adapters:
        tensors |= {f"{_ADAPTER}{name}:{key}": value for key, value in lora.weights_of(model, name).items()}
    write_described(path, tensors, public)


def read(path: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Metadata and tensors of a packed file.

    Raises: Refused with MODEL_UNREADABLE.
    """
    public, tensors = read_described(path, kind=FORMAT, remedy=_ANOTHER)
    if set(public) != {"format", *_PARTS} or not all(isinstance(public[name], dict) for name in _PARTS):
        raise _unreadable("expected config, tokenizer and adapters beside the format, got others.")
    return public, tensors


def unpacked(document: dict[str, Any], tensors: dict[str, Tensor], *, dtype: torch.dtype) -> tuple[Any, Any]:
    """Model (eval mode, every adapter switched on) and tokenizer of what `read` found.

    Raises: Refused with MODEL_UNREADABLE or TOKENIZER_UNREADABLE.
    """
    bare = {name: value for name, value in tensors.items() if not name.startswith(_ADAPTER)}
    config = _config(document["config"])
    if not 0 < getattr(config, "num_hidden_layers", 0) <= len(bare):
        raise _unreadable("expected blocks that have weights, the configuration names more.")
    try:
        # Without storage first: metadata that lies about sizes must not make us reserve them.
        with torch.device("meta"):
            expected = {name: value.shape for name, value in own_weights(built(config)).items()}
    except Exception as error:  # an architecture can refuse numbers in any way
        raise _unreadable("expected a configuration that an architecture takes.") from error
    refuse_unfit(bare, expected, remedy=_ANOTHER, dtypes=_DTYPES)
    adapted = {name: value for name, value in tensors.items() if name not in bare}
    refuse_unfit(adapted, {name: value.shape for name, value in adapted.items()}, remedy=_ANOTHER, dtypes=_DTYPES)
    with torch.random.fork_rng(devices=[]):
        model = built(config, dtype=dtype)
    model.load_state_dict(bare, strict=False)  # the names were compared above; what is tied is not in the file
    model.tie_weights()
    model = _with_adapters(model, document["adapters"], adapted.keys(), tensors)
    return model.eval(), tokenizer_from(document["tokenizer"])


def _with_adapters(model: Any, adapters: dict[str, Any], named: Set[str], tensors: dict[str, Tensor]) -> Any:
    own = {name: {key for key in named if key.startswith(f"{_ADAPTER}{name}:")} for name in adapters}
    if set().union(*own.values()) != named:
        raise _unreadable("expected weights of the named adapters only, got others.")
    for name, sizes in adapters.items():
        try:
            rank, alpha, targets = int(sizes["rank"]), float(sizes["alpha"]), list(map(str, sizes["targets"]))
        except (KeyError, TypeError, ValueError) as error:
            raise _unreadable("expected rank, alpha and targets of every adapter.") from error
        model = lora.attached(model, name=name, rank=rank, alpha=alpha, targets=targets, seed=0)
        lora.put(model, name, {key.split(":", 2)[2]: tensors[key] for key in own[name]})
    if adapters:
        model.base_model.set_adapter(list(adapters))
        model.requires_grad_(False)
    return model


def own_weights(model: Any) -> dict[str, Tensor]:
    """Every persistent tensor by name, without those that are tied to another and without adapters."""
    tied = set(getattr(model, "all_tied_weights_keys", None) or {})
    bare = {
        name.replace(".base_layer.", "."): value for name, value in model.state_dict().items() if ".lora_" not in name
    }
    return {
        name: value if value.device.type == "meta" else value.detach().cpu().contiguous()
        for name, value in sorted(bare.items())
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


def built(config: Any, *, dtype: torch.dtype = torch.float32) -> Any:
    """A causal language model of a configuration, with random weights from torch's generator."""
    build: Any = AutoModelForCausalLM.from_config
    return build(config, trust_remote_code=False, dtype=dtype)


def _unreadable(what: str) -> Refused:
    return Refused("MODEL_UNREADABLE", what, _ANOTHER)
