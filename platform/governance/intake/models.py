"""Erasure requests: who asks, what it covers, and the law's clock as data."""

from django.conf import settings
from django.db import models

from governance.ids import ref_maker
from governance.people.models import MachineClient


class RegimePack(models.Model):
    """One law's clock, versioned. A request keeps the row it was opened under."""

    law = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    months = models.PositiveIntegerField(help_text="Calendar months from receipt to answer")
    extension_months = models.PositiveIntegerField(default=0)
    zone = models.CharField(max_length=40)
    source = models.CharField(max_length=200)
    # How long the house must be able to show whom a case was about; then its key goes, and nobody can any more.
    retention_months = models.PositiveIntegerField(
        default=24, help_text="Calendar months from the end of a case until its key is destroyed"
    )
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["law", "version"], name="pack_version_once")]

    def __str__(self) -> str:
        return f"{self.law} v{self.version}"


class ErasureRequest(models.Model):
    class Status(models.TextChoices):
        RECEIVED = "received", "Received"
        IDENTIFIED = "identified", "Identity proved"
        SCOPED = "scoped", "Scope confirmed"
        IN_PROGRESS = "in_progress", "In progress"
        FULFILLED = "fulfilled", "Fulfilled"
        REFUSED = "refused", "Refused"
        WITHDRAWN = "withdrawn", "Withdrawn"

    ALLOWED = {
        Status.RECEIVED: {Status.IDENTIFIED, Status.REFUSED, Status.WITHDRAWN},
        Status.IDENTIFIED: {Status.SCOPED, Status.REFUSED, Status.WITHDRAWN},
        Status.SCOPED: {Status.IN_PROGRESS, Status.FULFILLED, Status.WITHDRAWN},
        Status.IN_PROGRESS: {Status.FULFILLED},
        Status.FULFILLED: set(),
        Status.REFUSED: set(),
        Status.WITHDRAWN: set(),
    }

    ref = models.CharField(max_length=64, unique=True, default=ref_maker("er"))
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.RECEIVED)
    client = models.ForeignKey(MachineClient, null=True, on_delete=models.PROTECT, related_name="requests")
    pack = models.ForeignKey(RegimePack, on_delete=models.PROTECT)
    received_at = models.DateTimeField()
    due_on = models.DateField()
    # The keyed index of the identifier given; the identifier itself is sealed under the case key.
    subject_index = models.CharField(max_length=64, db_index=True)
    # Set when the scope is confirmed, never before identity is proved.
    subject = models.ForeignKey("lineage.Subject", null=True, on_delete=models.PROTECT, related_name="requests")
    refusal_ground = models.CharField(max_length=40, blank=True)
    closed_at = models.DateTimeField(null=True)


class IdempotencyKey(models.Model):
    """The answer a client got for a key, kept so that asking again cannot make a second case."""

    client = models.ForeignKey(MachineClient, null=True, on_delete=models.CASCADE)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE)
    key = models.CharField(max_length=120)
    fingerprint = models.CharField(max_length=80)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "user", "key"], name="key_once", nulls_distinct=False)]
