"""A packed file as unlearning.language.packing lays one out, made by hand: the platform reads its header alone."""

import json
from pathlib import Path
from typing import Any

DOCUMENT: dict[str, Any] = {
    "format": "obelus/language/1",
    "config": {"model_type": "llama"},
    "tokenizer": {"format": "obelus/tokenizer/1"},
    "adapters": {},
}


def packed_file(path: Path, *, weights: bytes = bytes(8), tensor: str = "weight", **changes: Any) -> Path:
    """One tensor of two float32 and a description, parts of which may be changed."""
    tensors = {tensor: {"dtype": "F32", "shape": [len(weights) // 4], "data_offsets": [0, len(weights)]}}
    described = json.dumps({**DOCUMENT, **changes}, sort_keys=True, separators=(",", ":"))
    header = json.dumps({"__metadata__": {"obelus": described}, **tensors}).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + weights)
    return path
