"""What a packed file of a language model says of itself, read from its header alone; the engines check its weights.

The format is unlearning.language.packing's: safetensors with one metadata key, canonical JSON of configuration,
tokenizer and adapters. Nothing is unpickled and nothing runs.
"""

import json
import re
from pathlib import Path
from typing import Any

from governance.errors import Invalid
from governance.lineage.model_files import safetensors_header

FORMAT = "obelus/language/1"
# As the library's own are called; no longer than lineage keeps it.
KIND = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}", re.ASCII)
PARTS = ("config", "tokenizer", "adapters")


def packed_document(path: Path) -> dict[str, Any]:
    """{"format", "config", "tokenizer", "adapters"} of a packed file without adapters.

    Raises:
        Invalid: bad_base.
    """
    with path.open("rb") as file:
        header = safetensors_header(file, size=path.stat().st_size)
    document = described(header) if header else None
    if header is None or document is None:
        raise refused(f"A base is one packed file of format {FORMAT}, and this is none.")
    kind = document["config"].get("model_type")
    if not isinstance(kind, str) or not KIND.fullmatch(kind) or "auto_map" in document["config"]:
        raise refused("Expected a configuration with a model_type and without code of its own.")
    if document["adapters"] or any(name.startswith("adapter:") for name in header):
        raise refused("Expected a base without adapters, found some: they could not be told from those added here.")
    return document


def described(header: dict[str, Any]) -> dict[str, Any] | None:
    try:
        document = json.loads(header["__metadata__"]["obelus"])
    except (KeyError, TypeError, ValueError, RecursionError):
        return None
    whole = isinstance(document, dict) and set(document) == {"format", *PARTS} and document["format"] == FORMAT
    return document if whole and all(isinstance(document[part], dict) for part in PARTS) else None


def refused(what: str) -> Invalid:
    return Invalid(what, code="bad_base", remedy="Pack a Hugging Face folder: python -m unlearning pack FOLDER FILE.")
