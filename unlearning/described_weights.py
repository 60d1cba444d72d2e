"""Weights and the public description of what they are weights of, in one safetensors file with one digest."""

from __future__ import annotations

import json
from collections.abc import Mapping, Set
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from unlearning.runner.refusals import Refused


def write_described(path: Path, tensors: Mapping[str, Tensor], public: Mapping[str, Any]) -> None:
    """Write tensors and description; equal ones give equal bytes."""
    own = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    # One metadata key only: the library writes several in no fixed order, and equal models must have equal bytes.
    text = json.dumps(public, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    save_file(own, path, metadata={"obelus": text})


def read_described(path: Path, *, kind: str, remedy: str) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Description and tensors of a file of format `kind`.

    Raises: Refused with MODEL_UNREADABLE and this remedy.
    """
    try:
        with safe_open(path, "pt") as file:
            public = json.loads((file.metadata() or {})["obelus"])
            # Cloned: the library's tensors lie in the mapped file, which may be replaced under us.
            tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118 - no mapping
    except (OSError, SafetensorError, KeyError, ValueError, TypeError) as error:
        raise Refused("MODEL_UNREADABLE", f"expected a safetensors file of format {kind}.", remedy) from error
    if not isinstance(public, dict) or public.get("format") != kind:
        raise Refused("MODEL_UNREADABLE", f"expected format {kind}, got another.", remedy)
    return public, tensors


def refuse_unfit(
    tensors: Mapping[str, Tensor],
    expected: Mapping[str, torch.Size],
    *,
    remedy: str,
    dtypes: Set[torch.dtype] = frozenset({torch.float32}),
) -> None:
    """Refuse weights of other names, shapes or types than the description calls for, and any that are not finite.

    Raises: Refused with MODEL_UNREADABLE and this remedy.
    """
    if {name: value.shape for name, value in tensors.items()} != dict(expected):
        raise Refused("MODEL_UNREADABLE", "expected the weights that its description names, got others.", remedy)
    if any(value.dtype not in dtypes for value in tensors.values()):
        names = " or ".join(sorted(str(dtype).removeprefix("torch.") for dtype in dtypes))
        raise Refused("MODEL_UNREADABLE", f"expected {names} weights, got others.", remedy)
    if not all(bool(torch.isfinite(value).all()) for value in tensors.values()):
        raise Refused("MODEL_UNREADABLE", "expected finite weights, found NaN or infinity.", remedy)
