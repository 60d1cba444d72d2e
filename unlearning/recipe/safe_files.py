"""Which model files may come back: safetensors, ONNX and XGBoost JSON, judged by content and not by name.

Everything else is refused, pickle above all: to load one is to run its author's program. Nothing is unpickled here.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

from safetensors import SafetensorError, safe_open

from unlearning.runner.jobfolder import strict_json
from unlearning.runner.refusals import Refused

_REMEDY = "Write .safetensors, .onnx or XGBoost .json files only; convert pickles, .pt and .joblib files first."
# ModelProto's own fields and wire types (onnx.proto): anything else at the top level is not an ONNX model.
_ONNX_FIELDS = {1: 0, 2: 2, 3: 2, 4: 2, 5: 0, 6: 2, 7: 2, 8: 2, 14: 2, 20: 2, 25: 2, 26: 2}
_ONNX_GRAPH = 7


def require_safe_files(folder: Path) -> int:
    """Check every file below `folder` and return how many there are.

    Raises: Refused with WEIGHTS_MISSING or WEIGHTS_NOT_SAFE.
    """
    paths = sorted(path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    if not paths:
        raise Refused("WEIGHTS_MISSING", "expected model files in {out}, found none.", _REMEDY)
    for path in paths:
        if why := _why_unsafe(path):
            name = path.relative_to(folder).as_posix()
            raise Refused("WEIGHTS_NOT_SAFE", f"{name!r} is refused: {why}.", _REMEDY)
    return len(paths)


def _why_unsafe(path: Path) -> str | None:
    if path.is_symlink() or not path.is_file() or path.stat().st_nlink != 1:
        return "not a plain file of its own"
    check = _CHECKS.get(path.suffix)
    if check is None:
        return "not a kind of file that is taken"
    if _opens_as_zip(path):
        return "it opens as a zip archive, which may carry a pickle"
    return None if check(path) else f"its content is not {path.suffix[1:]}"


def _opens_as_zip(path: Path) -> bool:
    # A zip is read from its end, so a file of another kind can hide one.
    try:
        with zipfile.ZipFile(path) as archive:
            return bool(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False


def _is_safetensors(path: Path) -> bool:
    try:
        with safe_open(path, "numpy") as file:
            return len(list(file.keys())) > 0
    except (SafetensorError, OSError):
        return False


def _is_xgboost_json(path: Path) -> bool:
    try:
        document = strict_json(path)
    except Refused:
        return False
    return isinstance(document, dict) and {"learner", "version"} <= set(document)


def _is_onnx(path: Path) -> bool:
    content = path.read_bytes()
    position, graphs = 0, 0
    try:
        while position < len(content):
            tag, position = _varint(content, position)
            field, wire = tag >> 3, tag & 7
            if _ONNX_FIELDS.get(field) != wire:
                return False
            value, position = _varint(content, position)
            position += value if wire == 2 else 0
            graphs += field == _ONNX_GRAPH and value > 0
    except IndexError:
        return False
    return position == len(content) and graphs == 1


def _varint(content: bytes, position: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = content[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
    raise IndexError("a number of more than ten bytes")


_CHECKS = {".safetensors": _is_safetensors, ".onnx": _is_onnx, ".json": _is_xgboost_json}
