"""What a model file is, by its content and never by its name. Nothing here unpickles or runs anything."""

import io
import json
import math
from typing import Any, BinaryIO

ONNX_FIELDS = {1, 2, 3, 4, 5, 6, 7, 8, 14, 20, 25, 26}  # ModelProto, onnx.proto3
ONNX_IR_VERSION, ONNX_GRAPH = 1, 7
SAFETENSORS_HEADER_LIMIT = 100_000_000
WIDTH_BITS = {"BOOL": 8, "U8": 8, "I8": 8, "F8_E4M3": 8, "F8_E5M2": 8, "U16": 16, "I16": 16, "F16": 16, "BF16": 16}
WIDTH_BITS |= {"U32": 32, "I32": 32, "F32": 32, "U64": 64, "I64": 64, "F64": 64}
KNOWN_BAD = {b"PK\x03\x04": "a zip archive (torch.save makes these)", b"\x1f\x8b": "a gzip archive"}


def is_safe(data: bytes) -> bool:
    """Whether the bytes are, as a whole, safetensors, an ONNX model or an XGBoost JSON model."""
    return is_safetensors(data) or is_xgboost_json(data) or is_onnx(data)


def looks_like(data: bytes) -> str:
    """What refused bytes seem to be, for the message."""
    for start, name in KNOWN_BAD.items():
        if data.startswith(start):
            return name
    if data[:1] == b"\x80" and data[1:2] <= b"\x05":
        return "a pickle"
    return "neither safetensors nor ONNX nor XGBoost JSON"


def is_safetensors(data: bytes) -> bool:
    """A header of JSON, then tensors that fill the rest without gap or overlap: no room for anything else."""
    return safetensors_header(io.BytesIO(data), size=len(data)) is not None


def safetensors_header(file: BinaryIO, *, size: int) -> dict[str, Any] | None:
    """The header of a whole safetensors file of `size` bytes, read alone; None where the file is none."""
    length = int.from_bytes(file.read(8), "little")
    if size < 10 or length > min(size - 8, SAFETENSORS_HEADER_LIMIT):
        return None
    header = as_object(file.read(length))
    if header is None:
        return None
    tensors = [entry for name, entry in header.items() if name != "__metadata__"]
    try:
        spans = sorted(tensor_span(entry) for entry in tensors)
    except (TypeError, KeyError, ValueError):
        return None
    ends = [0, *(end for _, end in spans)]
    fills = bool(spans) and [begin for begin, _ in spans] == ends[:-1] and ends[-1] == size - 8 - length
    return header if fills else None


def tensor_span(entry: dict[str, Any]) -> tuple[int, int]:
    begin, end = entry["data_offsets"]
    count = math.prod(int(side) for side in entry["shape"])
    if set(entry) != {"dtype", "shape", "data_offsets"} or (end - begin) * 8 != count * WIDTH_BITS[entry["dtype"]]:
        raise ValueError("a tensor whose size does not fit its place")
    return int(begin), int(end)


def is_xgboost_json(data: bytes) -> bool:
    document = as_object(data)
    return document is not None and isinstance(document.get("learner"), dict) and "version" in document


def as_object(data: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def is_onnx(data: bytes) -> bool:
    """A protobuf message that reads to its end with ModelProto's fields only, a version and one graph among them."""
    fields, place = [], 0
    try:
        while place < len(data):
            tag, place = varint(data, place)
            fields.append(tag >> 3)
            place = skip(data, place, tag & 7)
    except (IndexError, ValueError):
        return False
    return set(fields) <= ONNX_FIELDS and fields.count(ONNX_GRAPH) == 1 and ONNX_IR_VERSION in fields


def varint(data: bytes, place: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
    raise ValueError("a number that does not end")


def skip(data: bytes, place: int, wire: int) -> int:
    """Past one field's value (protobuf wire types 0 and 2; a ModelProto has no others)."""
    if wire == 0:
        return varint(data, place)[1]
    if wire != 2:
        raise ValueError("a field of a kind that no ONNX model has")
    length, place = varint(data, place)
    if place + length > len(data):
        raise ValueError("a field that goes on past the end")
    return place + length
