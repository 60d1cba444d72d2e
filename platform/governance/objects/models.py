"""Every stored object has a row before it has bytes, so that nothing can lie in the store unaccounted for."""

from django.db import models


class StoredObject(models.Model):
    class Status(models.TextChoices):
        PENDING = "pending", "written by an attempt that has not recorded it yet"
        HELD = "held", "referenced"
        DESTROYED = "destroyed", "destroyed; the digest answers 410"

    digest = models.CharField(max_length=80, unique=True)
    size_bytes = models.BigIntegerField(default=0)
    status = models.CharField(max_length=12, choices=Status.choices)
    # Who is writing it: the sweep removes what a dead token left behind.
    owner = models.CharField(max_length=64, blank=True)
    owner_token = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    destroyed_at = models.DateTimeField(null=True)


class ObjectPart(models.Model):
    """A folder object is a manifest; these are the files it names. One file may belong to several folders."""

    folder = models.ForeignKey(StoredObject, on_delete=models.CASCADE, related_name="parts")
    file = models.ForeignKey(StoredObject, on_delete=models.PROTECT, related_name="folders")
    path = models.CharField(max_length=200)
