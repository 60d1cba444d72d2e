"""The job folder: the strict reading of spec.json, and results that are complete or absent."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from unlearning.catalog import UnknownEngineError, WrongParamsError, validate_params, with_defaults
from unlearning.runner.digests import digest_of
from unlearning.runner.refusals import Refused
from unlearning.runner.schemas import faults_of

OUTPUTS = ("result.json", "ledger.json", "measurements.json", "weights")
SCRATCH = "scratch"
_FIX_SPEC = "Write the specification anew; nothing was run."


@dataclass(frozen=True)
class Spec:
    """A specification that has been read and found sound. Manifests: name -> input -> row indexes."""

    job: str
    engine: str
    params: Mapping[str, Any]
    inputs: Mapping[str, Path]
    manifests: Mapping[str, Mapping[str, list[int]]]
    threads: int


@dataclass(frozen=True)
class Outcome:
    """What an engine hands back; the runner alone puts it in place. weights: a folder made in scratch."""

    outputs: Mapping[str, Any]
    weights: Path | None = None
    ledger: Mapping[str, Any] | None = None
    measurements: Mapping[str, Any] | None = None


def read_document(folder: Path) -> dict[str, Any]:
    """Read spec.json strictly and hold it against its schema.

    Raises: Refused with SPEC_INVALID.
    """
    document: dict[str, Any] = strict_json(folder / "spec.json")
    if problems := faults_of("spec", document):
        raise Refused("SPEC_INVALID", "spec.json: " + "; ".join(problems), _FIX_SPEC)
    return document


def spec_of(document: Mapping[str, Any], folder: Path) -> Spec:
    """Check engine, parameters and input paths of a sound document. Digests are checked by `verify_inputs`.

    Raises: Refused with SPEC_INVALID, ENGINE_UNKNOWN or PARAMS_INVALID.
    """
    engine, params = document["engine"], document["params"]
    try:
        validate_params(engine, params)
    except UnknownEngineError as error:
        raise Refused("ENGINE_UNKNOWN", str(error), _FIX_SPEC) from error
    except WrongParamsError as error:
        raise Refused("PARAMS_INVALID", str(error), _FIX_SPEC) from error
    inputs = {name: _inside(folder, entry["path"]) for name, entry in document["inputs"].items()}
    return Spec(
        job=document["job"],
        engine=engine,
        params=with_defaults(engine, params),
        inputs=inputs,
        manifests=document["manifests"],
        threads=document.get("threads", 1),
    )


def read_spec(folder: Path) -> Spec:
    """The sound specification of a folder. Raises: as `read_document` and `spec_of`."""
    return spec_of(read_document(folder), folder)


def verify_inputs(folder: Path) -> None:
    """Recompute the digest of every input.

    Raises: Refused with INPUT_MISSING, INPUT_NOT_PLAIN or DIGEST_MISMATCH.
    """
    for name, entry in strict_json(folder / "spec.json")["inputs"].items():
        found = digest_of(_inside(folder, entry["path"]))
        if found != entry["digest"]:
            raise Refused(
                "DIGEST_MISMATCH",
                f"input {name!r}: expected {entry['digest']}, found {found}.",
                "Lay the folder out again from the object store; if it repeats, run fsck on the store.",
            )


def refuse_unfit_folder(folder: Path) -> None:
    """A folder is used once: an engine must never meet what another attempt left behind.

    Raises: Refused with FOLDER_MISSING or OUTPUT_NOT_EMPTY.
    """
    if not folder.is_dir():
        raise Refused("FOLDER_MISSING", f"expected a job folder, found none at {folder}.", "Give the path of one.")
    left = [name for name in (*OUTPUTS, SCRATCH) if (folder / name).exists()]
    if left:
        raise Refused(
            "OUTPUT_NOT_EMPTY", f"expected no output yet, found {', '.join(left)}.", "Give each attempt its own folder."
        )


def commit(folder: Path, outcome: Outcome) -> None:
    """Put weights, ledger and measurements in place; the caller writes result.json last."""
    if outcome.ledger is not None:
        write_json(folder / "ledger.json", outcome.ledger)
    if outcome.measurements is not None:
        write_json(folder / "measurements.json", outcome.measurements)
    if outcome.weights is not None:
        os.rename(outcome.weights, folder / "weights")
    shutil.rmtree(folder / SCRATCH, ignore_errors=True)


def discard(folder: Path) -> None:
    """Remove whatever an unfinished run made, so that a failed job leaves no half result and no second draw."""
    for name in (SCRATCH, "weights"):
        shutil.rmtree(folder / name, ignore_errors=True)
    for name in ("ledger.json", "measurements.json"):
        (folder / name).unlink(missing_ok=True)
    for left in folder.glob(f"{SCRATCH}.*"):  # what the other processes of a company had begun
        shutil.rmtree(left, ignore_errors=True)
    for partial in folder.glob("*.partial"):
        partial.unlink()


def write_json(path: Path, document: Mapping[str, Any]) -> None:
    """Write a JSON file so that it is there whole or not at all."""
    partial = path.with_name(path.name + ".partial")
    with partial.open("w", encoding="utf-8") as file:
        json.dump(document, file, allow_nan=False)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)


def strict_json(path: Path) -> Any:
    """Read JSON, refusing duplicate keys, NaN and infinity, which lenient readers take in different ways.

    Raises: Refused with SPEC_INVALID.
    """
    try:
        return json.loads(
            path.read_text(encoding="utf-8"), object_pairs_hook=_no_duplicates, parse_constant=_no_constant
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise Refused("SPEC_INVALID", f"expected {path.name} in strict JSON: {reason}", _FIX_SPEC) from error


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key occurs twice")
    return dict(pairs)


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not a JSON number")


def _inside(folder: Path, relative: str) -> Path:
    parts = Path(relative).parts
    path = folder / relative
    if parts[:1] != ("inputs",) or len(parts) < 2 or ".." in parts:
        raise Refused("SPEC_INVALID", f"expected a path below inputs/, got {relative!r}.", _FIX_SPEC)
    if not path.resolve().is_relative_to((folder / "inputs").resolve()):
        raise Refused("SPEC_INVALID", f"input path {relative!r} leaves the job folder.", _FIX_SPEC)
    return path
