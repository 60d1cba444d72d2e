"""Bytes by their digest, under OBELUS_VAR/objects. Row and claim first, then bytes: see models."""

import hashlib
import io
from pathlib import Path
from typing import BinaryIO

from django.db import transaction
from django.db.models import QuerySet

from evidence.canonical import canonical_bytes
from evidence.manifest import manifest_of_folder
from governance.errors import Destroyed, DigestMismatch, NotFound, TokenLost
from governance.objects.files import digest_of_file, path_of, root, write
from governance.objects.models import ObjectClaim, ObjectPart, StoredObject

__all__ = [
    "hold",
    "let_go",
    "open_path",
    "parts_of",
    "path_of",
    "put_bytes",
    "put_file",
    "put_folder",
    "root",
    "was_destroyed",
]
Status = StoredObject.Status


def put_bytes(data: bytes, *, owner: str, token: int = 0) -> str:
    """Store bytes as PENDING, claimed by `owner`; `hold` makes them stay. Returns the digest.

    Raises:
        StorageFull: there was no room; nothing is left behind.
    """
    digest = "sha256:" + hashlib.sha256(data).hexdigest()
    put_known(io.BytesIO(data), digest, size=len(data), owner=owner, token=token)
    return digest


def put_file(path: Path, *, owner: str, token: int = 0) -> str:
    """Store a file: read once for its digest and once for the copy, never held in memory.

    Raises:
        StorageFull, DigestMismatch: see `files.write`. TokenLost: the attempt is over.
    """
    digest = digest_of_file(path)
    with path.open("rb") as source:
        put_known(source, digest, size=path.stat().st_size, owner=owner, token=token)
    return digest


def put_known(source: BinaryIO, digest: str, *, size: int, owner: str, token: int) -> StoredObject:
    row = claim(digest, size=size, owner=owner, token=token)
    write(source, digest)
    if token and not ObjectClaim.objects.filter(stored=row, owner=owner, token=token).exists():
        # The sweep dropped this attempt while it wrote. Claim anew, so that its end takes these bytes along.
        claim(digest, size=size, owner=owner, token=token)
        raise TokenLost(f"{owner} is no longer held under token {token}; what it stored is dropped.")
    return row


def put_folder(folder: Path, *, owner: str, token: int = 0) -> str:
    """Store every file of a folder, then its manifest; the manifest's digest is the folder's.

    Raises:
        ManifestError: a link, a device or an odd name is in it.
        StorageFull, DigestMismatch: see `files.write`.
    """
    manifest = manifest_of_folder(folder)
    whole = put_bytes(canonical_bytes(manifest), owner=owner, token=token)
    row = StoredObject.objects.get(digest=whole)
    for entry in manifest["files"]:
        with (folder / entry["path"]).open("rb") as source:
            part = put_known(source, entry["digest"], size=entry["size"], owner=owner, token=token)
        ObjectPart.objects.get_or_create(folder=row, file=part, path=entry["path"])
    return whole


@transaction.atomic
def claim(digest: str, *, size: int, owner: str, token: int) -> StoredObject:
    """The row and the claim that come before the bytes."""
    StoredObject.objects.get_or_create(digest=digest, defaults={"size_bytes": size, "status": Status.PENDING})
    row = StoredObject.objects.select_for_update().filter(digest=digest).first()
    if row is None:
        # Somebody let go of it and removed it in between: begin again.
        return claim(digest, size=size, owner=owner, token=token)
    if row.status == Status.DESTROYED:
        StoredObject.objects.filter(pk=row.pk).update(status=Status.PENDING, size_bytes=size)
    ObjectClaim.objects.get_or_create(stored=row, owner=owner, token=token)
    return row


@transaction.atomic
def hold(digest: str) -> None:
    """Make an object and its parts stay. Call it in the transaction that records the reference.

    Raises:
        NotFound: it, or one of its parts, is not stored (any more).
    """
    # In one order, so that two folders with common parts cannot wait for each other in a circle.
    locked = list(whole(digest).order_by("pk").select_for_update())
    gone = [row.digest for row in locked if row.status == Status.DESTROYED]
    if gone or digest not in {row.digest for row in locked}:
        raise NotFound(f"Object {(gone or [digest])[0]} is not stored.", remedy="Store it before referring to it.")
    ids = [row.pk for row in locked]
    StoredObject.objects.filter(pk__in=ids).update(status=Status.HELD, destroyed_at=None)
    # A service puts and holds in one go; an attempt lets go by itself.
    ObjectClaim.objects.filter(stored__in=ids, token=0).delete()


def whole(digest: str) -> QuerySet[StoredObject]:
    """The rows of an object and of the files in it."""
    parts = ObjectPart.objects.filter(folder__digest=digest).values("file_id")
    return StoredObject.objects.filter(digest=digest) | StoredObject.objects.filter(pk__in=parts)


def was_destroyed(digest: str) -> bool:
    """Whether it or a file of it was destroyed before it was put and claimed again; `hold` forgets that."""
    return whole(digest).exclude(destroyed_at=None).exists()


def let_go(owner: str, token: int) -> None:
    """Withdraw an attempt's claims on what is held now. What it stored beside that goes with `discard_pending`."""
    ObjectClaim.objects.filter(owner=owner, token=token, stored__status=Status.HELD).delete()


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
