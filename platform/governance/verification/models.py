"""Policies fixed beforehand, verification runs, and the verdicts they led to."""

from django.conf import settings
from django.db import models

from governance.appendonly import AppendOnly
from governance.ids import ref_maker
from governance.verification.qualification_models import Qualification, QualificationRun
from governance.verification.sentinel_models import SentinelRetest, SentinelSet

__all__ = ["Policy", "Qualification", "QualificationRun", "SentinelRetest", "SentinelSet", "Verdict"]


class Policy(AppendOnly):
    """What a release must show, fixed and logged before anything runs. A change is a new version."""

    ref = models.CharField(max_length=64, unique=True, default=ref_maker("pol"))
    name = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    body = models.JSONField()
    digest = models.CharField(max_length=80, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "version"], name="policy_version_once")]


class Verdict(AppendOnly):
    class Outcome(models.TextChoices):
        PASSED = "passed", "Passed"
        RESIDUAL = "failed_residual", "Failed: residual"
        WITNESS = "failed_witness", "Failed: not the ledger's noise or steps"
        OVER_FORGOTTEN = "failed_over_forgotten", "Failed: over-forgotten"
        INCONCLUSIVE = "inconclusive", "Inconclusive"

    ref = models.CharField(max_length=64, unique=True, default=ref_maker("vdt"))
    plan = models.ForeignKey("jobs.Plan", on_delete=models.PROTECT, related_name="verdicts")
    checkpoint = models.ForeignKey("lineage.Checkpoint", on_delete=models.PROTECT, related_name="verdicts")
    job = models.ForeignKey("jobs.Job", on_delete=models.PROTECT, related_name="verdicts")
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT)
    outcome = models.CharField(max_length=24, choices=Outcome.choices)
    body = models.JSONField(help_text="obelus/verdict/1: open results, reasons, power in words")
    digest = models.CharField(max_length=80)
    # Who called the alarm before this one false; the log holds a commitment to them.
    cleared_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
