"""Destroying objects, dropping what nobody recorded, and finding what nothing refers to."""

import time
from datetime import timedelta

from django.db import OperationalError, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from governance.objects.files import path_of, remove, root, shred
from governance.objects.models import ObjectClaim, ObjectPart, PartSalt, StoredObject
from governance.objects.references import is_a_base
from governance.objects.store import claim

__all__ = ["destroy", "discard_pending", "discard_forgotten", "path_of", "shred", "sweep_strays", "unreferenced"]
Status = StoredObject.Status
STRAY = "stray"


@transaction.atomic
def destroy(digest: str) -> None:
    """Overwrite and remove an object, and the parts that nothing else needs. The row stays, and answers 410.

    A public base stays, whatever checkpoint came to have its bytes: nobody's rows are in it.
    """
    if is_a_base(digest):
        return
    row = StoredObject.objects.select_for_update().filter(digest=digest).first()
    if row is None or row.status == Status.DESTROYED:
        return
    doomed = [row, *parts_to_go(row)]
    for item in doomed:
        remove(item.digest)
    gone = [item.pk for item in doomed]
    ObjectClaim.objects.filter(stored__in=gone).delete()
    PartSalt.objects.filter(stored__in=gone).delete()
    StoredObject.objects.filter(pk__in=gone).update(status=Status.DESTROYED, destroyed_at=timezone.now())


def parts_to_go(folder: StoredObject) -> list[StoredObject]:
    """The folder's files, locked, without those that another live folder names or an attempt is about to record."""
    ids = list(folder.parts.values_list("file_id", flat=True))
    locked = list(StoredObject.objects.filter(pk__in=ids).order_by("pk").select_for_update())
    others = ObjectPart.objects.filter(file__in=ids).exclude(folder=folder)
    needed = set(others.exclude(folder__status=Status.DESTROYED).values_list("file_id", flat=True))
    claimed = set(ObjectClaim.objects.filter(stored__in=ids).values_list("stored_id", flat=True)) - needed
    # Its claim decides about such a file from now on, not a folder that is gone.
    StoredObject.objects.filter(pk__in=claimed).update(status=Status.PENDING)
    return [part for part in locked if part.pk not in needed | claimed]


def discard_pending(owner: str, token: int) -> int:
    """Withdraw an attempt's claims, and remove what nobody else claims or holds. Returns how many objects went."""
    claims = ObjectClaim.objects.filter(owner=owner, token=token)
    # Folders before their parts, which a folder's rows protect: the manifest was claimed first.
    return sum(withdraw(pk) for pk in list(claims.order_by("pk").values_list("pk", flat=True)))


@transaction.atomic
def withdraw(pk: int) -> int:
    row = StoredObject.objects.select_for_update(of=("self",)).filter(claims__pk=pk).first()
    if row is None:
        return 0
    ObjectClaim.objects.filter(pk=pk).delete()
    if row.status != Status.PENDING or row.claims.exists():
        return 0
    remove(row.digest)
    ObjectPart.objects.filter(file=row).delete()
    if row.destroyed_at is None:
        row.delete()
    else:
        # The same bytes were destroyed before: their digest goes on answering 410.
        StoredObject.objects.filter(pk=row.pk).update(status=Status.DESTROYED)
    return 1


def discard_forgotten(*, older_than_s: float) -> int:
    """Claims of services (token 0) whose process died between putting and holding."""
    old = ObjectClaim.objects.filter(token=0, made_at__lt=Now() - timedelta(seconds=older_than_s))
    owners = set(old.values_list("owner", flat=True))
    return sum(withdraw(pk) for owner in owners for pk in old.filter(owner=owner).values_list("pk", flat=True))


def sweep_strays(*, older_than_s: float) -> int:
    """Remove files that no row speaks of: a process was killed inside the transaction that would have made it."""
    known = set(StoredObject.objects.exclude(status=Status.DESTROYED).values_list("digest", flat=True))
    count = 0
    for path in root().glob("??/*"):
        try:
            old = time.time() - path.stat().st_mtime > older_than_s
        except FileNotFoundError:
            continue
        if old and path.name.startswith("."):
            shred(path)
            count += 1
        elif old and (digest := "sha256:" + path.parent.name + path.name) not in known:
            count += remove_stray(digest)
    return count


def remove_stray(digest: str) -> int:
    """Claim it, then let go. If somebody's uncommitted row exists after all, the claim waits for it and yields."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '500ms'")
            claim(digest, size=0, owner=STRAY, token=0)
    except OperationalError:
        return 0
    return discard_pending(STRAY, 0)


def unreferenced() -> list[str]:
    """Files in the store without a HELD row, and rows without a file. None may exist while nothing runs."""
    held = set(StoredObject.objects.filter(status=Status.HELD).values_list("digest", flat=True))
    pending = set(StoredObject.objects.filter(status=Status.PENDING).values_list("digest", flat=True))
    found = {"sha256:" + path.parent.name + path.name for path in root().glob("??/*") if path.is_file()}
    lines = [f"file {digest}" for digest in found - held] + [f"missing {digest}" for digest in held - found]
    return sorted(lines + [f"pending {digest}" for digest in pending - found])
