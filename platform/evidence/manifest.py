"""Folder manifests, obelus/manifest/1: what files a folder holds, and one digest for all of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from evidence.canonical import Json, digest, digest_json
from evidence.paths import PathError, check_path

FORMAT = "obelus/manifest/1"


class ManifestError(ValueError):
    """A folder that has no manifest: a link, a device, or a name that is not portable; the message names it."""


def manifest_of_folder(folder: Path) -> Json:
    """Read every file below a folder and list path, size and digest, sorted by path.

    Raises:
        ManifestError: not a folder, or something in it is neither a plain file nor a folder, or is oddly named.
    """
    if folder.is_symlink() or not folder.is_dir():
        raise ManifestError(f"expected a folder, found {folder.name!r}; give the folder itself, not a link")
    files = []
    for path in folder.rglob("*"):
        if path.is_symlink() or not (path.is_dir() or path.is_file()):
            raise ManifestError(f"expected plain files, found {path.name!r}; copy the file itself, not a link")
        if path.is_file():
            files.append(_file_line(path, path.relative_to(folder).as_posix()))
    return _manifest(files)


def manifest_of_files(contents: Mapping[str, bytes]) -> Json:
    """The manifest of files held in memory, by path. Raises: ManifestError."""
    return _manifest([{"path": path, "size": len(data), "digest": digest(data)} for path, data in contents.items()])


def folder_digest(folder: Path) -> str:
    """A folder's digest: that of its canonical manifest. Raises: ManifestError."""
    return digest_json(manifest_of_folder(folder))


def submanifest(manifest: Json, *, folder: str) -> Json:
    """The manifest of one folder inside a manifest's folder, its paths relative to it."""
    prefix = folder + "/"
    return _manifest(
        [
            {**line, "path": line["path"].removeprefix(prefix)}
            for line in manifest["files"]
            if line["path"].startswith(prefix)
        ]
    )


def compare_manifests(expected: Json, found: Json) -> list[str]:
    """Every difference between two manifests, as sentences; none when they list the same files."""
    wanted = {line["path"]: line for line in expected["files"]}
    there = {line["path"]: line for line in found["files"]}
    differences = []
    for path in sorted(wanted.keys() | there.keys()):
        if path not in there:
            differences.append(f"{path}: expected a file, found none")
        elif path not in wanted:
            differences.append(f"{path}: expected no file, found one of {there[path]['size']} bytes")
        elif wanted[path] != there[path]:
            differences.append(f"{path}: expected {_content(wanted[path])}, found {_content(there[path])}")
    return differences


def check_manifest(manifest: Json) -> None:
    """Refuse a manifest whose paths are unsafe, unsorted or repeated (its shape already checked).

    Raises:
        ManifestError: with the path.
    """
    paths = [line["path"] for line in manifest["files"]]
    try:
        for path in paths:
            check_path(path)
    except PathError as error:
        raise ManifestError(str(error)) from error
    for before, after in zip(paths, paths[1:], strict=False):
        if before >= after:
            raise ManifestError(f"expected paths sorted and once each, found {after!r} after {before!r}")


def _manifest(files: list[dict[str, Json]]) -> Json:
    manifest = {"format": FORMAT, "files": sorted(files, key=lambda line: str(line["path"]))}
    check_manifest(manifest)
    return manifest


def _file_line(path: Path, name: str) -> dict[str, Json]:
    with path.open("rb") as file:
        found = "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()
    return {"path": name, "size": path.stat().st_size, "digest": found}


def _content(line: Json) -> str:
    return f"{line['size']} bytes {line['digest']}"
