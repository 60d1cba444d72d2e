"""Digests of input files and folders.

The folder rule is the platform's (`obelus/manifest/1`), written a second time here because this half of the house may
not import the other; a golden test in each keeps the two equal.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from unlearning.runner.refusals import Refused


def digest_of(path: Path) -> str:
    """Digest of a file, or of a folder by its manifest: "sha256:<64 hex>".

    Raises: Refused when the path is missing or anything in it is neither a plain file nor a folder.
    """
    if path.is_symlink() or not path.exists():
        raise Refused("INPUT_MISSING", f"expected an input at {path.name!r}, found none.", "Lay the folder out again.")
    return digest_of_folder(path) if path.is_dir() else digest_of_file(path)


def digest_of_file(path: Path) -> str:
    """SHA-256 of the bytes of a file."""
    with path.open("rb") as file:
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()


def digest_of_folder(folder: Path) -> str:
    """SHA-256 of the folder's canonical manifest: path, size and digest of every file, sorted by path."""
    files = []
    for path in folder.rglob("*"):
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise Refused(
                "INPUT_NOT_PLAIN",
                f"expected plain files only in input {folder.name!r}, found something else.",
                "Copy the files themselves; links and devices are not taken.",
            )
        if path.is_file():
            relative = path.relative_to(folder).as_posix()
            files.append({"path": relative, "size": path.stat().st_size, "digest": digest_of_file(path)})
    files.sort(key=lambda entry: str(entry["path"]))
    manifest = {"format": "obelus/manifest/1", "files": files}
    canonical = json.dumps(manifest, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    return "sha256:" + hashlib.sha256(canonical).hexdigest()
