"""Plans, dispositions, jobs, attempts, certificates: the work, with PostgreSQL as its only record."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from governance.appendonly import AppendOnly
from governance.ids import ref_maker

if TYPE_CHECKING:
    from governance.releases.models import Release


class Plan(models.Model):
    """One model's batch of erasures, with the choice that was made and why."""

    class Status(models.TextChoices):
        PROPOSED = "proposed", "Waiting for a person to confirm it"
        UNLEARNING = "unlearning", "A worker is unlearning"
        VERIFYING = "verifying", "The candidate is being attacked"
        GATE = "gate", "Waiting for two approvals"
        PUBLISHED = "published", "Published; waiting for deployments to switch"
        DESTROYING = "destroying", "Old data and weights are being destroyed"
        CLOSED = "closed", "Closed"
        STOPPED = "stopped", "Stopped: needs a person"
        DISCARDED = "discarded", "Discarded"

    ALLOWED = {
        Status.PROPOSED: {Status.UNLEARNING, Status.DISCARDED},
        Status.UNLEARNING: {Status.VERIFYING, Status.STOPPED},
        Status.VERIFYING: {Status.GATE, Status.STOPPED},
        Status.GATE: {Status.PUBLISHED, Status.STOPPED},
        Status.PUBLISHED: {Status.DESTROYING},
        Status.DESTROYING: {Status.CLOSED},
        Status.CLOSED: set(),
        # The top of the ladder is always open: a stopped plan may start over by retraining.
        Status.STOPPED: {Status.UNLEARNING, Status.VERIFYING, Status.GATE, Status.DISCARDED},
        Status.DISCARDED: set(),
    }

    ref = models.CharField(max_length=64, unique=True, default=ref_maker("plan"))
    model = models.ForeignKey("lineage.TrainedModel", on_delete=models.PROTECT, related_name="plans")
    source = models.ForeignKey("lineage.Checkpoint", on_delete=models.PROTECT, related_name="plans_from")
    candidate = models.ForeignKey("lineage.Checkpoint", null=True, on_delete=models.PROTECT, related_name="plans_to")
    new_snapshot = models.ForeignKey("lineage.Snapshot", null=True, on_delete=models.PROTECT, related_name="+")
    policy = models.ForeignKey("verification.Policy", on_delete=models.PROTECT)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.PROPOSED)
    body = models.JSONField(help_text="obelus/plan/1: public facts in, choice out; an auditor recomputes it")
    digest = models.CharField(max_length=80)
    route = models.CharField(max_length=24)
    proposer = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True)

    @property
    def release(self) -> "Release | None":
        """The release of the latest candidate, once it was put before the approvers."""
        return self.releases.order_by("id").last()


class Disposition(models.Model):
    """What became of one request in one checkpoint. Every one must end before the request can."""

    class Status(models.TextChoices):
        OPEN = "open", "To be decided"
        PLANNED = "planned", "In a plan"
        UNLEARNED = "unlearned", "Unlearned, old weights destroyed"
        RETRAINED = "retrained", "Retrained, old weights destroyed"
        WITHDRAWN = "withdrawn", "Model withdrawn"

    ALLOWED = {
        Status.OPEN: {Status.PLANNED, Status.WITHDRAWN},
        Status.PLANNED: {Status.OPEN, Status.UNLEARNED, Status.RETRAINED, Status.WITHDRAWN},
        Status.UNLEARNED: set(),
        Status.RETRAINED: set(),
        Status.WITHDRAWN: set(),
    }

    ref = models.CharField(max_length=64, unique=True, default=ref_maker("dsp"))
    request = models.ForeignKey("intake.ErasureRequest", on_delete=models.PROTECT, related_name="dispositions")
    checkpoint = models.ForeignKey("lineage.Checkpoint", on_delete=models.PROTECT, related_name="dispositions")
    plan = models.ForeignKey(Plan, null=True, on_delete=models.PROTECT, related_name="dispositions")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.OPEN)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "checkpoint"], name="one_disposition_each")]


class Job(models.Model):
    """One run of the runner. State, lease and fencing token live here, by the database's clock."""

    class Status(models.TextChoices):
        QUEUED = "queued", "Waiting for a worker"
        RUNNING = "running", "Running"
        SUCCEEDED = "succeeded", "Done"
        REFUSED = "refused", "Refused by the engine"
        CANCELLED = "cancelled", "Cancelled"
        DEAD = "dead", "Given up after its last attempt"

    ALLOWED = {
        Status.QUEUED: {Status.RUNNING, Status.CANCELLED, Status.DEAD},
        Status.RUNNING: {Status.QUEUED, Status.SUCCEEDED, Status.REFUSED, Status.CANCELLED, Status.DEAD},
        Status.SUCCEEDED: set(),
        Status.REFUSED: set(),
        Status.CANCELLED: set(),
        # A person may send a dead letter round once more.
        Status.DEAD: {Status.QUEUED},
    }
    FINAL = (Status.SUCCEEDED, Status.REFUSED, Status.CANCELLED, Status.DEAD)

    class Purpose(models.TextChoices):
        """What the recorded result means to the platform; see governance.jobs.outcomes."""

        NONE = "none"
        TRAIN = "train"
        UNLEARN = "unlearn"
        RETRAIN = "retrain"
        REFERENCE = "reference"
        VERIFY = "verify"
        QUALIFY = "qualify"

    ref = models.CharField(max_length=64, unique=True, default=ref_maker("job"))
    thread = models.CharField(max_length=64, help_text="The trail this job writes to: its plan, or itself")
    plan = models.ForeignKey(Plan, null=True, on_delete=models.PROTECT, related_name="jobs")
    run = models.ForeignKey("lineage.TrainingRun", null=True, on_delete=models.PROTECT, related_name="jobs")
    purpose = models.CharField(max_length=12, choices=Purpose.choices, default=Purpose.NONE)
    engine = models.CharField(max_length=40)
    # spec.json as it will lie in the job folder, and its digest, fixed when the job is submitted.
    spec = models.JSONField()
    spec_digest = models.CharField(max_length=80)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.QUEUED)
    attempt = models.PositiveIntegerField(default=0)
    # Attempts that failed by themselves; an orderly stop of a worker is not one.
    failures = models.PositiveIntegerField(default=0)
    max_attempts = models.PositiveIntegerField(default=3)
    token = models.BigIntegerField(default=0)
    worker = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    rung_at = models.DateTimeField(null=True, help_text="When the doorbell was last rung for it")
    cancel_requested = models.BooleanField(default=False)
    phase = models.CharField(max_length=40, blank=True)
    step = models.BigIntegerField(default=0)
    steps = models.BigIntegerField(default=0)
    rate = models.FloatField(default=0)
    code = models.CharField(max_length=60, blank=True)
    message = models.CharField(max_length=500, blank=True)
    # What came back, fixed with the record: {"result": obelus/result/1, "ledger":..., "open": measurements},
    # and of weights with adapters "parts": obelus/parts/1
    result = models.JSONField(null=True)
    weights = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["status", "lease_until"])]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="running") | Q(lease_until__isnull=False), name="running_has_a_lease"
            )
        ]


class Attempt(models.Model):
    """One try at a job under one fencing token. Logged before it starts."""

    job = models.ForeignKey(Job, on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveIntegerField()
    token = models.BigIntegerField()
    worker = models.CharField(max_length=80)
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=24, blank=True)
    cause = models.CharField(max_length=60, blank=True)
    folder_wiped = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "token"], name="attempt_per_token")]


class Outbox(models.Model):
    """A doorbell still to be rung, written in the transaction that made the work."""

    task = models.CharField(max_length=60)
    argument = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["sent_at", "id"])]


class Certificate(models.Model):
    """The claim with its assumptions. It counts from the last destruction, not from the end of the run."""

    ref = models.CharField(max_length=64, unique=True, default=ref_maker("cert"))
    checkpoint = models.OneToOneField("lineage.Checkpoint", on_delete=models.PROTECT, related_name="certificate")
    plan = models.ForeignKey(Plan, null=True, on_delete=models.PROTECT, related_name="certificates")
    rung = models.CharField(max_length=30)
    body = models.JSONField(help_text="obelus/certificate/1")
    digest = models.CharField(max_length=80)
    unlearned_at = models.DateTimeField()
    effective_at = models.DateTimeField(null=True)
    voided_at = models.DateTimeField(null=True)


class BudgetCap(AppendOnly):
    """The cap on B per person, fixed before the first release of a model. At the cap only publishing is refused."""

    model = models.OneToOneField("lineage.TrainedModel", on_delete=models.PROTECT, related_name="cap")
    mu = models.FloatField()
    delta = models.FloatField()
    created_at = models.DateTimeField(auto_now_add=True)
