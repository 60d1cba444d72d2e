"""Every stored object has a row before it has bytes, so that nothing can lie in the store unaccounted for."""

from django.db import models


class StoredObject(models.Model):
    class Status(models.TextChoices):
        PENDING = "pending", "written by somebody who has not recorded it yet"
        HELD = "held", "referenced"
        DESTROYED = "destroyed", "destroyed; the digest answers 410"

    digest = models.CharField(max_length=80, unique=True)
    size_bytes = models.BigIntegerField(default=0)
    status = models.CharField(max_length=12, choices=Status.choices)
    created_at = models.DateTimeField(auto_now_add=True)
    destroyed_at = models.DateTimeField(null=True)


class ObjectClaim(models.Model):
    """Somebody put an object and has not recorded it yet. Whoever lets go last takes pending bytes along.

    Two attempts may make the same bytes (a slow one that lost its lease, and its successor): with a claim for each,
    the end of one cannot remove what the other is about to record. `owner` is a job's ref with its fencing token, or
    a service's name with token 0.
    """

    stored = models.ForeignKey(StoredObject, on_delete=models.CASCADE, related_name="claims")
    owner = models.CharField(max_length=64)
    token = models.BigIntegerField(default=0)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["stored", "owner", "token"], name="claimed_once_by_each")]
        indexes = [models.Index(fields=["owner", "token"])]


class ObjectPart(models.Model):
    """A folder object is a manifest; these are the files it names. One file may belong to several folders."""

    folder = models.ForeignKey(StoredObject, on_delete=models.CASCADE, related_name="parts")
    file = models.ForeignKey(StoredObject, on_delete=models.PROTECT, related_name="folders")
    path = models.CharField(max_length=200)


class PartSalt(models.Model):
    """The salt under which the log has a commitment to one part of stored weights. It goes when they are destroyed.

    `owner` is the job that brought them: two may bring the same bytes.
    """

    stored = models.ForeignKey(StoredObject, on_delete=models.CASCADE, related_name="salts")
    owner = models.CharField(max_length=64, db_index=True)
    part = models.CharField(max_length=120)
    salt = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["stored", "owner", "part"], name="salt_once_per_part")]
