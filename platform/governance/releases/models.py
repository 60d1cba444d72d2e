"""A checkpoint with its certificate, verdict and signature; who approved it; what had to be destroyed."""

from django.conf import settings
from django.db import models

from governance.appendonly import AppendOnly
from governance.ids import ref_maker


class Release(models.Model):
    class Status(models.TextChoices):
        PROPOSED = "proposed", "Waiting for two approvals"
        APPROVED = "approved", "Approved, not yet signed"
        PUBLISHED = "published", "Published"
        SUPERSEDED = "superseded", "Superseded"
        WITHDRAWN = "withdrawn", "Withdrawn"

    ALLOWED = {
        Status.PROPOSED: {Status.APPROVED, Status.WITHDRAWN},
        Status.APPROVED: {Status.PUBLISHED, Status.WITHDRAWN},
        Status.PUBLISHED: {Status.SUPERSEDED, Status.WITHDRAWN},
        Status.SUPERSEDED: set(),
        Status.WITHDRAWN: set(),
    }

    ref = models.CharField(max_length=64, unique=True, default=ref_maker("rel"))
    checkpoint = models.OneToOneField("lineage.Checkpoint", on_delete=models.PROTECT, related_name="release")
    # A plan that stopped and climbed has one for each candidate; Plan.release is the latest.
    plan = models.ForeignKey("jobs.Plan", null=True, on_delete=models.PROTECT, related_name="releases")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.PROPOSED)
    proposer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    policy = models.ForeignKey("verification.Policy", on_delete=models.PROTECT)
    approval_digest = models.CharField(max_length=80)
    signature = models.TextField(blank=True, help_text="The sigstore bundle that model-signing wrote")
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True)


class Approval(AppendOnly):
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="approvals")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    approval_digest = models.CharField(max_length=80)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["release", "user"], name="one_approval_per_person")]


class DestructionItem(models.Model):
    """One thing that must be gone before the certificate takes effect."""

    class Kind(models.TextChoices):
        WEIGHTS = "weights"
        SNAPSHOT = "snapshot"
        JOB_FOLDER = "job_folder"
        CANDIDATE = "candidate"
        REFERENCE = "reference"
        MEASUREMENTS = "measurements"

    plan = models.ForeignKey("jobs.Plan", on_delete=models.PROTECT, related_name="destruction")
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=16, choices=Kind.choices)
    target = models.CharField(max_length=120, help_text="A digest or a reference, never a path with a name in it")
    done_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "position"], name="destruction_in_order")]
