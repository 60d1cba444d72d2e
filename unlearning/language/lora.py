"""LoRA (arXiv 2106.09685) on a bare model through peft: attaching an adapter, and reading one out again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from unlearning.runner.refusals import Refused

_NAME = re.compile(r"[A-Za-z0-9_-]{1,63}")


def attached(model: Any, *, name: str, rank: int, alpha: float, targets: Sequence[str] | None, seed: int) -> Any:
    """The model with one more adapter, drawn from the seed, that changes nothing yet.

    targets: names of the linear layers that get one; None for all but the output head.
    Raises: Refused with ADAPTER_UNSUITABLE.
    """
    from peft import LoraConfig, get_peft_model

    if not _NAME.fullmatch(name):
        raise Refused(
            "ADAPTER_UNSUITABLE", "expected a name of letters, digits, - and _, got another.", "Choose another name."
        )
    config = LoraConfig(
        r=rank,
        lora_alpha=alpha,  # type: ignore[arg-type] # any number will do
        lora_dropout=0.0,
        target_modules=sorted(targets) if targets else "all-linear",
        task_type="CAUSAL_LM",
    )
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            if not hasattr(model, "peft_config"):
                return get_peft_model(model, config, adapter_name=name)
            model.add_adapter(name, config)
            return model
    except (ValueError, TypeError, KeyError) as error:
        raise Refused(
            "ADAPTER_UNSUITABLE", "expected layers of the model as targets, got others.", "Name linear layers of it."
        ) from error


def weights_of(model: Any, name: str) -> dict[str, Tensor]:
    """The tensors of one adapter, by names that do not hold the adapter's own."""
    from peft import get_peft_model_state_dict

    found = get_peft_model_state_dict(model, adapter_name=name)
    return {key: value.detach().cpu().contiguous() for key, value in sorted(found.items())}


def put(model: Any, name: str, tensors: dict[str, Tensor]) -> None:
    """Give an attached adapter its weights.

    Raises: Refused with MODEL_UNREADABLE.
    """
    from peft import set_peft_model_state_dict

    expected = {key: value.shape for key, value in weights_of(model, name).items()}
    if {key: value.shape for key, value in tensors.items()} != expected:
        raise Refused(
            "MODEL_UNREADABLE", "expected the weights that the adapter names, got others.", "Write the file anew."
        )
    set_peft_model_state_dict(model, tensors, adapter_name=name)


def sizes_of(model: Any, name: str) -> dict[str, Any]:
    """Rank, alpha and targets: all there is to a plain LoRA adapter.

    Raises: Refused with ADAPTER_UNSUPPORTED.
    """
    config = model.peft_config[name]
    plain = (
        getattr(config.peft_type, "value", config.peft_type) == "LORA"
        and not (config.use_dora or config.use_rslora or config.modules_to_save or config.rank_pattern)
        and not config.alpha_pattern
        and config.bias == "none"
        and isinstance(config.target_modules, set | list | tuple)
    )
    if not plain:
        raise Refused(
            "ADAPTER_UNSUPPORTED", "expected plain LoRA adapters, got another kind.", "Save a folder, or merge it."
        )
    return {"rank": config.r, "alpha": float(config.lora_alpha), "targets": sorted(config.target_modules)}
