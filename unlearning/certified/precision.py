"""A certificate needs float64 and the plain kind of it: what must be off before a step is taken (guarantees H8)."""

from __future__ import annotations

import os

import torch

from unlearning.runner.refusals import Refused

# TF32 alone would cost mu of about one; emulated float64 has an error that nobody has charged.
_SWITCHES = ("NVIDIA_TF32_OVERRIDE", "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE", "CUBLAS_EMULATE_DOUBLE_PRECISION")
_FULL = ("none", "ieee")


def refuse_reduced_precision(*states: torch.Tensor) -> None:
    """Refuse TF32, bfloat16, float16, autocast, and a state that is not float64.

    Raises: Refused with REDUCED_PRECISION.
    """
    on = [name for name in _SWITCHES if os.environ.get(name, "0") not in ("", "0")] + _switched_on_in_torch()
    on += [f"a state of {state.dtype}" for state in states if state.dtype != torch.float64]
    if on:
        raise Refused(
            "REDUCED_PRECISION", f"expected full precision, found {', '.join(on)} switched on.", "Switch it off."
        )


def _switched_on_in_torch() -> list[str]:
    on = []
    if torch.is_autocast_enabled("cuda") or torch.is_autocast_enabled("cpu"):
        on.append("autocast")
    places = {"torch.backends": torch.backends, "torch.backends.cuda.matmul": torch.backends.cuda.matmul}
    for name, place in places.items():
        if getattr(place, "fp32_precision", "none") not in _FULL:
            on.append(f"{name}.fp32_precision")
    try:
        if torch.get_float32_matmul_precision() != "highest":
            on.append("torch.set_float32_matmul_precision")
        if torch.backends.cuda.matmul.allow_tf32:
            on.append("torch.backends.cuda.matmul.allow_tf32")
    except RuntimeError:
        # torch will not say when its old and new switches were mixed; in doubt the precision is reduced.
        on.append("a mixture of torch's precision settings")
    return on
