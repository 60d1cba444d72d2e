"""The trail: entries without numbers, leaves that number them, signed heads, and the history of states.

No identifier and no plain hash of one goes into an entry: the log must never need erasing.
"""

from django.db import models

from governance.appendonly import AppendOnly
from governance.people.models import User


class Event(models.TextChoices):
    """`source:action`, one value for each thing that can happen. Never renamed: old logs must stay readable."""

    DATASET_REGISTERED = "dataset:registered"
    SNAPSHOT_TAKEN = "snapshot:taken"
    SNAPSHOT_REFUSED = "snapshot:refused"
    MODEL_REGISTERED = "model:registered"
    BASE_REGISTERED = "base:registered"
    BASE_RETRACTED = "base:retracted"
    BASE_DESTROYED = "base:destroyed"
    MODEL_WITHDRAWN = "model:withdrawn"
    CHECKPOINT_REGISTERED = "checkpoint:registered"
    CHECKPOINT_DESTROYED = "checkpoint:destroyed"
    REQUEST_RECEIVED = "request:received"
    REQUEST_MOVED = "request:moved"
    REQUEST_FULFILLED = "request:fulfilled"
    REQUEST_REFUSED = "request:refused"
    KEY_DESTROYED = "case:key_destroyed"
    POLICY_FIXED = "policy:fixed"
    PLAN_PROPOSED = "plan:proposed"
    PLAN_CONFIRMED = "plan:confirmed"
    PLAN_MOVED = "plan:moved"
    JOB_SUBMITTED = "job:submitted"
    JOB_MOVED = "job:moved"
    JOB_RECORDED = "job:recorded"
    ATTEMPT_STARTED = "attempt:started"
    ATTEMPT_ENDED = "attempt:ended"
    VERDICT_REACHED = "verdict:reached"
    QUALIFICATION_BEGUN = "qualification:begun"
    QUALIFICATION_REACHED = "qualification:reached"
    CERTIFICATE_ISSUED = "certificate:issued"
    CERTIFICATE_EFFECTIVE = "certificate:effective"
    CERTIFICATE_VOIDED = "certificate:voided"
    RELEASE_PROPOSED = "release:proposed"
    RELEASE_APPROVED = "release:approved"
    RELEASE_PUBLISHED = "release:published"
    RELEASE_MOVED = "release:moved"
    DEPLOYMENT_REGISTERED = "deployment:registered"
    DEPLOYMENT_REPORTED = "deployment:reported"
    DESTRUCTION_COMPLETED = "destruction:completed"
    PERSON_CREATED = "person:created"
    PERSON_CHANGED = "person:changed"
    CLIENT_CREATED = "client:created"
    REPORT_READ = "report:read"
    MEASUREMENTS_READ = "measurements:read"
    SENTINELS_PLANTED = "sentinels:planted"
    SENTINELS_NAMED = "sentinels:named"
    SENTINELS_TESTED = "sentinels:tested"
    SENTINELS_ALARM = "sentinels:alarm"
    SENTINELS_REVEALED = "sentinels:revealed"
    THREAD_CLOSED = "thread:closed"


class Thread(models.Model):
    """A counter for one case's entries, so that a bundle can prove that none was left out."""

    ref = models.CharField(max_length=64, primary_key=True)
    length = models.PositiveIntegerField(default=0)
    closed = models.BooleanField(default=False)


class Entry(AppendOnly):
    """One thing that happened. `leaf` holds the exact canonical bytes that are hashed."""

    at = models.DateTimeField()
    event = models.CharField(max_length=40, choices=Event.choices)
    thread = models.CharField(max_length=64, db_index=True)
    seq = models.PositiveIntegerField()
    leaf = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["thread", "seq"], name="entry_once_per_place")]


class Leaf(AppendOnly):
    """The number the sequencer gave an entry, and its RFC 6962 leaf hash."""

    index = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="numbered")
    hash = models.BinaryField()


class TreeHead(AppendOnly):
    """A signed state of the log (C2SP calls it checkpoint; we do not)."""

    size = models.BigIntegerField(unique=True)
    root = models.BinaryField()
    note = models.TextField()
    at = models.DateTimeField(auto_now_add=True)


class CaseKey(models.Model):
    """The random key of one case, wrapped by the key-encryption key. Destroying it seals the case for ever."""

    case_ref = models.CharField(max_length=64, primary_key=True)
    wrapped = models.BinaryField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    destroyed_at = models.DateTimeField(null=True)


class Sealed(models.Model):
    """Personal data or a measurement on deleted rows, encrypted under its case key."""

    case = models.ForeignKey(CaseKey, on_delete=models.PROTECT, related_name="sealed")
    name = models.CharField(max_length=80)
    ciphertext = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "name"], name="sealed_once_per_name")]


class StatusChange(AppendOnly):
    """A status change is a row: history and inbox at once."""

    at = models.DateTimeField(auto_now_add=True)
    kind = models.CharField(max_length=40)
    ref = models.CharField(max_length=64, db_index=True)
    old = models.CharField(max_length=24)
    new = models.CharField(max_length=24)
    actor = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    actor_role = models.CharField(max_length=24)
    reason = models.CharField(max_length=200, blank=True)
