"""Reading what the runner left, strictly: a folder that lies about itself is a crash, not a result."""

from pathlib import Path
from typing import Any

from evidence.canonical import CanonicalError, parse_strict
from evidence.manifest import ManifestError
from governance.jobs.leases import Held
from governance.jobs.parts import PARTED, contents_of
from governance.jobs.services import Returned
from governance.objects.store import put_folder

LARGEST_JSON_BYTES = 64 * 1024 * 1024
# What the accountant can price and an attack may write; a ledger is in the oldest format that can say it.
OPTIONAL = {"ledger": ("obelus/ledger/1", "obelus/ledger/2"), "measurements": ("obelus/measurements/1",)}


class BrokenResult(Exception):  # noqa: N818 - a result that is broken, not an error of ours
    """The runner said it was done and left something else. The attempt counts as failed."""


def read_json(path: Path, *formats: str) -> dict[str, Any]:
    """One of the runner's small files, of one of the formats expected. Raises: BrokenResult."""
    try:
        if path.stat().st_size > LARGEST_JSON_BYTES:
            raise BrokenResult(f"{path.name} is larger than {LARGEST_JSON_BYTES} bytes.")
        document = parse_strict(path.read_bytes())
    except OSError as error:
        raise BrokenResult(f"The runner left no {path.name} that can be read.") from error
    except CanonicalError as error:
        raise BrokenResult(f"{path.name} is not strict JSON.") from error
    if not isinstance(document, dict) or document.get("format") not in formats:
        raise BrokenResult(f"{path.name} must be of format {' or '.join(formats)}.")
    return document


def refusal(folder: Path) -> tuple[str, str]:
    """Code and message of a runner that refused. Raises: BrokenResult."""
    result = read_json(folder / "result.json", "obelus/result/1")
    if result.get("status") != "refused" or not result.get("code"):
        raise BrokenResult("The runner refused, and result.json does not say why.")
    return str(result["code"]), f"{result.get('message') or ''} {result.get('remedy') or ''}".strip()


def collect(folder: Path, held: Held) -> Returned:
    """Store the weights under their digest (claimed in this token's name) and read the small files.

    Raises:
        BrokenResult: what lies there is no result of this job.
        StorageFull: the weights found no room. TokenLost: the sweep was faster.
    """
    result = read_json(folder / "result.json", "obelus/result/1")
    if result.get("job") != held.ref or result.get("status") != "done":
        raise BrokenResult("result.json does not speak of this job as done.")
    found = {
        name: read_json(folder / f"{name}.json", *formats)
        for name, formats in OPTIONAL.items()
        if (folder / f"{name}.json").exists()
    }
    weights = store_weights(folder / "weights", held)
    return Returned(result=result, weights=weights, parts=read_parts(weights, str(result.get("engine"))), **found)


def read_parts(weights: str, engine: str) -> dict[str, str]:
    """The parts of weights that have some. Here and not with the record, which holds a lock: it reads all of them."""
    if not weights or engine not in PARTED:
        return {}
    try:
        return contents_of(weights)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BrokenResult("The weights of a language model are no packed file.") from error


def store_weights(weights: Path, held: Held) -> str:
    if not weights.is_dir():
        return ""
    try:
        return put_folder(weights, owner=held.ref, token=held.token)
    except ManifestError as error:
        raise BrokenResult("The folder of weights holds something that is no plain file.") from error
