"""Qualifications of an unlearning recipe: tried once on public rows, so that small batches need no references.

Both tables are append-only: what was to be tried, fixed before it began, and what came of it.
"""

from django.conf import settings
from django.db import models

from governance.appendonly import AppendOnly
from governance.ids import ref_maker


class QualificationRun(AppendOnly):
    """One trial of a recipe, as it was fixed before its first job. `recipe` is what must not change."""

    ref = models.CharField(max_length=64, unique=True, default=ref_maker("qlr"))
    engine = models.CharField(max_length=40, help_text="The engine that trains such models")
    recipe = models.CharField(max_length=80, db_index=True, help_text="Digest of engine, family, method and parameters")
    policy = models.ForeignKey("verification.Policy", on_delete=models.PROTECT, related_name="+")
    # Public or consenting rows, half of whose planted ones are unlearned; and rows that nothing is trained on.
    snapshot = models.ForeignKey("lineage.Snapshot", on_delete=models.PROTECT, related_name="+")
    holdout = models.ForeignKey("lineage.Snapshot", on_delete=models.PROTECT, related_name="+")
    body = models.JSONField(help_text="obelus/qualification-run/1: the recipe, the problem and the rows by number")
    digest = models.CharField(max_length=80)
    begun_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)


class Qualification(AppendOnly):
    """What came of it. Only one that passed stands in for references, and only for the recipe that was tried."""

    class Outcome(models.TextChoices):
        PASSED = "passed", "Passed"
        FAILED = "failed", "Failed"
        INCONCLUSIVE = "inconclusive", "Inconclusive"

    ref = models.CharField(max_length=64, unique=True, default=ref_maker("qlf"))
    run = models.OneToOneField(QualificationRun, on_delete=models.PROTECT, related_name="qualification")
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    body = models.JSONField(help_text="obelus/qualification/1: the verdict's open part, and the jobs by reference")
    digest = models.CharField(max_length=80)
    created_at = models.DateTimeField(auto_now_add=True)
