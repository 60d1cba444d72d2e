"""A Hugging Face folder as model and tokenizer: safetensors only, none of its code, nothing from the network."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

from unlearning.runner.refusals import Refused

_ADAPTER = "adapter_model.safetensors"
_ANOTHER = "Give a folder with config.json, tokenizer.json and safetensors, or a packed model.safetensors."


def read(folder: Path, *, dtype: torch.dtype) -> tuple[Any, Any]:
    """Model, with a peft adapter around it where the folder holds one, and tokenizer.

    Raises: Refused with MODEL_UNREADABLE.
    """
    _refuse_foreign_files(folder)
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    try:
        # Read as its file says: AutoTokenizer would rebuild it by the model's kind, and may add tokens of its own.
        tokenizer = PreTrainedTokenizerFast.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        model, told = _bare(folder, dtype)
    except Exception as error:  # a foreign file can fail in any way, and the library's text may quote it
        raise unreadable("expected a causal language model and its fast tokenizer, could not read one.") from error
    if told["missing_keys"] or told["mismatched_keys"] or told["unexpected_keys"]:
        raise unreadable("expected exactly the weights that config.json names, got others.")
    return _with_adapter_of(folder, model), tokenizer


def unreadable(what: str) -> Refused:
    """The one refusal for files that are no sound model."""
    return Refused("MODEL_UNREADABLE", what, _ANOTHER)


def _bare(folder: Path, dtype: torch.dtype) -> Any:
    with tempfile.TemporaryDirectory() as view:
        # Without the adapter's files: the library would put it on by itself, and ours would be the second.
        for file in folder.iterdir():
            if file.is_file() and not file.name.startswith("adapter_"):
                (Path(view) / file.name).symlink_to(file.resolve())
        return AutoModelForCausalLM.from_pretrained(
            view,
            dtype=dtype,
            use_safetensors=True,
            output_loading_info=True,
            local_files_only=True,
            trust_remote_code=False,
        )


def _with_adapter_of(folder: Path, model: Any) -> Any:
    if not (folder / _ADAPTER).is_file():
        return model
    from peft import PeftModel

    try:
        return PeftModel.from_pretrained(model, str(folder), local_files_only=True)
    except Exception as error:
        raise unreadable("expected a peft adapter that fits the model beside it.") from error


def _refuse_foreign_files(folder: Path) -> None:
    if not (folder / "tokenizer.json").is_file() or not [
        file for file in folder.glob("*.safetensors") if file.name != _ADAPTER
    ]:
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
