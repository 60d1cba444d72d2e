"""The folder that `classifier.shadows` leaves: networks, and who held what as row positions. No pickle, no person."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from unlearning.runner.refusals import Refused
from unlearning.verification.members.data import Shadows
from unlearning.verification.members.shadow_plan import ShadowPlan

FORMAT = "obelus/shadows/1"
FILE = "membership.safetensors"
_ANOTHER = "Give the weights folder that classifier.shadows wrote."


def save_membership(folder: Path, plan: ShadowPlan, *, unlearned: bool) -> None:
    """origin uint8 (P,), row int64 (P,), held and gone uint8 (S, P); one metadata key "obelus" in canonical order."""
    origins = sorted({name for name, _ in plan.pool})
    tensors: dict[str, npt.NDArray[Any]] = {
        "origin": np.array([origins.index(name) for name, _ in plan.pool], dtype=np.uint8),
        "row": np.array([row for _, row in plan.pool], dtype=np.int64),
        "held": plan.held.astype(np.uint8),
        "gone": (plan.gone & unlearned).astype(np.uint8),
    }
    public = {"format": FORMAT, "origins": origins, "shadows": len(plan.held), "unlearned": unlearned}
    save_file(tensors, folder / FILE, metadata={"obelus": json.dumps(public, sort_keys=True)})


def load_shadows(folder: Path) -> Shadows:
    """All networks of the folder, and which rows each held.

    Raises: Refused with SHADOWS_UNREADABLE or MODEL_UNREADABLE.
    """
    from unlearning.classifiers.network import load_network  # torch, which the engine's own process does without

    try:
        with safe_open(folder / FILE, framework="np") as file:
            public = json.loads((file.metadata() or {})["obelus"])
            found = {name: file.get_tensor(name) for name in ("origin", "row", "held", "gone")}
        keys = [public["origins"][origin] for origin in found["origin"].tolist()]
        pool = tuple(zip(keys, found["row"].tolist(), strict=True))
        count, unlearned, known = int(public["shadows"]), bool(public["unlearned"]), public["format"] == FORMAT
    except (OSError, ValueError, KeyError, IndexError, TypeError, SafetensorError) as error:
        raise Refused("SHADOWS_UNREADABLE", f"expected a sound {FILE}, got none.", _ANOTHER) from error
    right = all(found[name].shape == (count, len(pool)) and found[name].dtype == np.uint8 for name in ("held", "gone"))
    if not known or not right or max(int(found[name].max(initial=0)) for name in ("held", "gone")) > 1:
        raise Refused("SHADOWS_UNREADABLE", f"expected {FORMAT} with a 0 or 1 per shadow and row.", _ANOTHER)
    return Shadows(
        tuple(load_network(folder / f"trained_{shadow}") for shadow in range(count)),
        tuple(load_network(folder / f"unlearned_{shadow}") for shadow in range(count)) if unlearned else (),
        pool,
        found["held"].astype(bool),
        found["gone"].astype(bool),
    )
