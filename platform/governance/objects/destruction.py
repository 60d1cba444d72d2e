"""Destroying objects, and finding what nothing refers to."""

import os
from pathlib import Path

from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from governance.objects.models import ObjectPart, StoredObject
from governance.objects.store import path_of, root

Status = StoredObject.Status


@transaction.atomic
def destroy(digest: str) -> None:
    """Overwrite and remove an object, and the parts that no other live folder names. The row stays, and answers 410."""
    row = StoredObject.objects.select_for_update().filter(digest=digest).first()
    if row is None or row.status == Status.DESTROYED:
        return
    shared = ObjectPart.objects.filter(file=OuterRef("pk")).exclude(folder=row)
    alone = StoredObject.objects.filter(folders__folder=row).exclude(
        Exists(shared.exclude(folder__status=Status.DESTROYED))
    )
    doomed = [row, *alone]
    for item in doomed:
        shred(path_of(item.digest))
    ids = [item.pk for item in doomed]
    StoredObject.objects.filter(pk__in=ids).update(status=Status.DESTROYED, destroyed_at=timezone.now())


def shred(path: Path) -> None:
    """Overwrite before unlinking. On copy-on-write or flash media this is no proof: docs/threat-model.md says so.

    Job folders hold hard links to the same bytes, so overwriting also blanks a forgotten link.
    """
    if not path.exists():
        return
    path.chmod(0o600)
    with path.open("r+b") as handle:
        handle.write(b"\0" * path.stat().st_size)
        handle.flush()
        os.fsync(handle.fileno())
    path.unlink()


def discard_pending(owner: str, token: int) -> int:
    """Remove what one dead attempt left pending. Objects that a newer attempt took over are not its own any more."""
    count = 0
    mine = StoredObject.objects.filter(owner=owner, owner_token=token, status=Status.PENDING)
    for digest in list(mine.values_list("digest", flat=True)):
        with transaction.atomic():
            row = mine.select_for_update().filter(digest=digest).first()
            if row is None:
                continue
            shred(path_of(digest))
            ObjectPart.objects.filter(folder=row).delete()
            ObjectPart.objects.filter(file=row).delete()
            row.delete()
            count += 1
    return count


def unreferenced() -> list[str]:
    """Files in the store without a HELD row, and rows without a file. None may exist while nothing runs."""
    connection.ensure_connection()
    held = set(StoredObject.objects.filter(status=Status.HELD).values_list("digest", flat=True))
    found = {"sha256:" + path.parent.name + path.name for path in root().glob("??/*") if path.is_file()}
    return sorted([f"file {digest}" for digest in found - held] + [f"missing {digest}" for digest in held - found])
