"""Everything that can be reached from an object, as bytes: what an estimator still holds of a row."""

from __future__ import annotations

import gc
import pickle
import types
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

_OUTSIDE = (type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.FrameType)


def reachable(root: Any) -> Iterator[Any]:
    """All objects the garbage collector sees below this one, but for code, and the arrays behind views."""
    seen: dict[int, Any] = {}  # keeps what it has seen alive, or a new object could come under an old id
    waiting = [root]
    while waiting:
        found = waiting.pop()
        if id(found) in seen or isinstance(found, _OUTSIDE):
            continue
        seen[id(found)] = found
        yield found
        waiting += gc.get_referents(found)
        if isinstance(found, dict):
            waiting += found.keys()  # the collector does not visit keys that are text
        if isinstance(found, np.ndarray) and found.base is not None:
            waiting.append(found.base)
        if hasattr(found, "__dict__"):
            waiting.append(vars(found))


def everything_held(root: Any) -> bytes:
    """The raw memory of every array, tensor and string that is reachable, and the pickle."""
    parts = [pickle.dumps(root)]
    for found in reachable(root):
        if isinstance(found, np.ndarray) and found.dtype != object:
            parts.append(found.tobytes())
        elif isinstance(found, torch.Tensor):
            parts.append(found.detach().cpu().numpy().tobytes())
        elif isinstance(found, bytes | bytearray):
            parts.append(bytes(found))
        elif isinstance(found, str):
            parts.append(found.encode())
    return b"\0".join(parts)


def forms_of(row: np.ndarray, norm_bound: float) -> dict[str, bytes]:
    """A row as it could have been kept: raw, rounded, shrunk, and any two neighbouring numbers of it."""
    longer = np.append(row, 1.0)
    shrunk = longer * min(1.0, norm_bound / np.linalg.norm(longer))
    kept = {"float64": row, "float32": row.astype(np.float32), "shrunk": shrunk, "shrunk32": shrunk.astype(np.float32)}
    return {name: values[:2].tobytes() for name, values in kept.items()}
