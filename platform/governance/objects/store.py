"""Bytes by their digest, under OBELUS_VAR/objects. Row first, then bytes: see models.StoredObject."""

import errno
import hashlib
import os
import secrets
from pathlib import Path

from django.conf import settings

from evidence.canonical import canonical_bytes
from evidence.manifest import manifest_of_folder
from governance.errors import Destroyed, DigestMismatch, NotFound, StorageFull
from governance.objects.models import ObjectPart, StoredObject

Status = StoredObject.Status


def root() -> Path:
    return Path(settings.OBELUS_VAR) / "objects"


def path_of(digest: str) -> Path:
    name = digest.removeprefix("sha256:")
    return root() / name[:2] / name[2:]


def digest_of_file(path: Path) -> str:
    with path.open("rb") as handle:
        return "sha256:" + hashlib.file_digest(handle, "sha256").hexdigest()


def put_bytes(data: bytes, *, owner: str, token: int = 0) -> str:
    """Store bytes as PENDING for `owner`; `hold` makes them stay. Returns the digest.

    Raises:
        StorageFull: there was no room; nothing is left behind.
    """
    digest = "sha256:" + hashlib.sha256(data).hexdigest()
    intend(digest, len(data), owner, token)
    write(data, path_of(digest))
    return digest


def put_file(path: Path, *, owner: str, token: int = 0) -> str:
    return put_bytes(path.read_bytes(), owner=owner, token=token)


def put_folder(folder: Path, *, owner: str, token: int = 0) -> str:
    """Store every file of a folder, then its manifest; the manifest's digest is the folder's."""
    manifest = manifest_of_folder(folder)
    digest = put_bytes(canonical_bytes(manifest), owner=owner, token=token)
    whole = StoredObject.objects.get(digest=digest)
    for entry in manifest["files"]:
        put_file(folder / entry["path"], owner=owner, token=token)
        part = StoredObject.objects.get(digest=entry["digest"])
        ObjectPart.objects.get_or_create(folder=whole, file=part, path=entry["path"])
    return digest


def intend(digest: str, size: int, owner: str, token: int) -> None:
    """The row that comes before the bytes. A newer attempt takes over what a dead one left pending."""
    fields = {"size_bytes": size, "status": Status.PENDING, "owner": owner, "owner_token": token}
    row, made = StoredObject.objects.get_or_create(digest=digest, defaults=fields)
    if not made and row.status != Status.HELD:
        StoredObject.objects.filter(pk=row.pk).exclude(status=Status.HELD).update(destroyed_at=None, **fields)


def write(data: bytes, path: Path) -> None:
    if path.exists() and path.stat().st_size == len(data):
        return
    draft = path.parent / f".{secrets.token_hex(8)}.draft"
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with draft.open("xb") as handle:
            handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
        draft.chmod(0o400)
        draft.rename(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            raise StorageFull(
                f"The object store has no room for {len(data)} bytes; nothing was stored.",
                remedy="Free space under OBELUS_VAR/objects (manage.py fsck --secrets lists what nothing refers to).",
            ) from error
        raise


def hold(digest: str) -> None:
    """Make an object and its parts stay. Call it in the transaction that records the reference."""
    row = StoredObject.objects.select_for_update().filter(digest=digest).exclude(status=Status.DESTROYED).first()
    if row is None:
        raise NotFound(f"No object {digest} is stored.", remedy="Store it before referring to it.")
    ids = [row.pk, *row.parts.values_list("file_id", flat=True)]
    StoredObject.objects.filter(pk__in=ids).update(status=Status.HELD, owner="", owner_token=0)


def open_path(digest: str) -> Path:
    """Where the bytes lie, once it is sure that they are the ones recorded.

    Raises:
        Destroyed: they are gone for good. NotFound: never stored. DigestMismatch: not the bytes recorded.
    """
    row = StoredObject.objects.filter(digest=digest).first()
    if row is None:
        raise NotFound(f"No object {digest} is stored here.")
    if row.status == Status.DESTROYED:
        raise Destroyed(f"Object {digest} was destroyed on {row.destroyed_at:%Y-%m-%d}.")
    path = path_of(digest)
    if not path.exists():
        raise DigestMismatch(f"Object {digest} has a row but no bytes.", remedy="Run manage.py fsck --secrets.")
    found = digest_of_file(path)
    if found != digest:
        raise DigestMismatch(
            f"Object {digest} holds bytes whose digest is {found}.", remedy="Restore it from a backup; do not use it."
        )
    return path


def parts_of(digest: str) -> dict[str, str]:
    """path -> digest of the files of a folder object; empty for a single file."""
    rows = ObjectPart.objects.filter(folder__digest=digest).select_related("file")
    return {row.path: row.file.digest for row in rows}
