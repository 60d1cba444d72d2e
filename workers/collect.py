"""Reading what the runner left, strictly: a folder that lies about itself is a crash, not a result."""

import json
from pathlib import Path
from typing import Any

from governance.jobs.leases import Held
from governance.jobs.services import Returned
from governance.objects.store import put_folder

LARGEST_JSON = 64 * 1024 * 1024


class BrokenResult(Exception):
    """The runner said it was done and left something else. The attempt counts as failed."""


def read_json(path: Path, expected_format: str) -> dict[str, Any]:
    if path.stat().st_size > LARGEST_JSON:
        raise BrokenResult(f"{path.name} is larger than {LARGEST_JSON} bytes.")
    try:
        document = json.loads(path.read_bytes())
    except ValueError as error:
        raise BrokenResult(f"{path.name} is not JSON.") from error
    if not isinstance(document, dict) or document.get("format") != expected_format:
        raise BrokenResult(f"{path.name} must be of format {expected_format}.")
    return document


def read_result(folder: Path) -> dict[str, Any]:
    try:
        return read_json(folder / "result.json", "obelus/result/1")
    except OSError as error:
        raise BrokenResult("The runner left no result.json.") from error


def collect(folder: Path, held: Held) -> Returned:
    """Store the weights under their digest (pending, in this token's name) and read the small files."""
    result = read_result(folder)
    if result.get("job") != held.ref or result.get("status") != "done":
        raise BrokenResult("result.json does not speak of this job as done.")
    optional = {"ledger": "obelus/ledger/1", "measurements": "obelus/measurements/1"}
    found = {
        name: read_json(folder / f"{name}.json", kind)
        for name, kind in optional.items()
        if (folder / f"{name}.json").exists()
    }
    weights = folder / "weights"
    digest = put_folder(weights, owner=held.ref, token=held.token) if weights.is_dir() else ""
    return Returned(result=result, weights=digest, **found)
