"""The store's files: where they lie, how they get there whole or not at all, how they go."""

import errno
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from governance.errors import DigestMismatch, StorageFull

CHUNK_BYTES = 1 << 20
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
NOT_OURS = {errno.EACCES, errno.EPERM, errno.EROFS}
ZEROS = b"\0" * CHUNK_BYTES


def root() -> Path:
    return Path(settings.OBELUS_VAR) / "objects"


def path_of(digest: str) -> Path:
    name = digest.removeprefix("sha256:")
    return root() / name[:2] / name[2:]


def digest_of_file(path: Path) -> str:
    with path.open("rb") as handle:
        return "sha256:" + hashlib.file_digest(handle, "sha256").hexdigest()


def drafts_of(digest: str) -> Iterator[Path]:
    """What writers that were killed left half written."""
    path = path_of(digest)
    return path.parent.glob(f".{path.name}.*.draft")


def write(source: BinaryIO, digest: str) -> None:
    """Copy a stream to its place in the store, in chunks; it is there whole or not at all.

    Raises:
        StorageFull: there was no room; nothing is left behind.
        DigestMismatch: the stream is not what the digest says (it changed while it was read).
    """
    path = path_of(digest)
    # Not its size but its digest: a shredding that was cut short leaves zeros of the right length.
    if path.exists() and digest_of_file(path) == digest:
        return
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}.draft")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = copy_to(draft, source)
        if found != digest:
            raise DigestMismatch(f"Expected bytes of digest {digest}, found {found}: they changed while being stored.")
        draft.chmod(0o400)
        draft.rename(path)
        sync_folder(path.parent)
    except OSError as error:
        if error.errno in NO_ROOM:
            raise StorageFull(
                "The object store has no room; nothing was stored.",
                remedy="Free space under OBELUS_VAR/objects (manage.py fsck --secrets lists what nothing refers to).",
            ) from error
        raise
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def writing(what: str) -> Iterator[None]:
    """Around what is written to the folder for temporary files or to the store: a refusal of the disk as one of ours.

    Raises:
        StorageFull: there was no room, or (storage_unwritable) the folder may not be written to.
    """
    try:
        yield
    except OSError as error:
        raise refusal(what, error) from error


def refusal(what: str, error: OSError) -> StorageFull:
    """The system's own reason; no path, which is nobody's business outside."""
    full = error.errno in NO_ROOM
    return StorageFull(
        f"Expected to write {what}, got: {error.strerror or 'no folder that can be used'}. Nothing was kept.",
        code="" if full else "storage_unwritable",
        remedy="Free space in the folder for temporary files (TMPDIR) and under OBELUS_VAR/objects, then try again."
        if full
        else "Let this process write to the folder for temporary files (TMPDIR) and to OBELUS_VAR/objects.",
    )


def copy_to(draft: Path, source: BinaryIO) -> str:
    running = hashlib.sha256()
    with draft.open("xb") as handle:
        while chunk := source.read(CHUNK_BYTES):
            running.update(chunk)
            handle.write(chunk)
        handle.flush()
        os.fsync(handle.fileno())
    return "sha256:" + running.hexdigest()


def sync_folder(folder: Path) -> None:
    """A rename is on the disk only once its folder is: the row must never outlive the bytes."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def shred(path: Path) -> None:
    """Overwrite before unlinking. On copy-on-write or flash media this is no proof: docs/threat-model.md says so.

    Job folders hold hard links to the same bytes, so overwriting also blanks a forgotten link.
    """
    try:
        path.chmod(0o600)
        with path.open("r+b") as handle:
            left = os.fstat(handle.fileno()).st_size
            while left > 0:
                left -= handle.write(ZEROS[: min(left, CHUNK_BYTES)])
            handle.flush()
            os.fsync(handle.fileno())
        path.unlink()
    except FileNotFoundError:
        return


def remove(digest: str) -> None:
    """Shred an object's bytes and every draft of them."""
    for path in (path_of(digest), *drafts_of(digest)):
        shred(path)
