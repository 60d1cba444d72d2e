"""Sentinels: planted people and rows of nobody, and what each later release of a model still knew of them.

What stands here is public. Who the sentinels are lies sealed under the set's own case key (`sentinel_list`).
"""

from django.conf import settings
from django.db import models

from governance.ids import ref_maker


class SentinelSet(models.Model):
    """One planting: committed to in the trail before any version of the data held a row of it."""

    class Kind(models.TextChoices):
        RANDOM = "random", "Random records far from the others"
        MISLABELLED = "mislabelled", "Ordinary records with a tossed label"
        PERSON = "person", "Synthetic people with all the rows a person may have"

    ref = models.CharField(max_length=64, unique=True, default=ref_maker("sen"))
    dataset = models.ForeignKey("lineage.Dataset", on_delete=models.PROTECT, related_name="sentinels")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    count = models.PositiveIntegerField()
    body = models.JSONField(help_text="obelus/sentinels/1: the commitment and the rules of every later test")
    digest = models.CharField(max_length=80)
    planter = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    # The openings of all leaves, once an auditor has shown them; from then on nothing is tested with this set.
    opened = models.JSONField(null=True)
    revealed_at = models.DateTimeField(null=True)


class SentinelRetest(models.Model):
    """One set against one release. Who was in which group lies sealed beside the set's list."""

    class Outcome(models.TextChoices):
        RUNNING = "", "Being tested"
        BASELINE = "baseline", "Nobody of them is erased yet"
        CLEAN = "clean", "No trace of the erased ones found"
        BLIND = "blind", "Nothing could have been seen"
        RESIDUAL = "residual", "The erased ones are still recognised"
        RESURRECTED = "resurrected", "Erased ones have come back"
        UNTESTED = "untested", "Could not be tested"

    ALARMS = (Outcome.RESIDUAL, Outcome.RESURRECTED)

    ref = models.CharField(max_length=64, unique=True, default=ref_maker("ret"))
    sentinels = models.ForeignKey(SentinelSet, on_delete=models.PROTECT, related_name="retests")
    checkpoint = models.ForeignKey("lineage.Checkpoint", on_delete=models.PROTECT, related_name="sentinel_retests")
    job = models.ForeignKey("jobs.Job", null=True, on_delete=models.PROTECT, related_name="+")
    rows = models.CharField(max_length=80, blank=True, help_text="The object with the rows; destroyed after the test")
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True, default="")
    body = models.JSONField(null=True, help_text="obelus/sentinel-retest/1: counts and intervals, nobody named")
    digest = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sentinels", "checkpoint"], name="sentinels_once_per_checkpoint")
        ]
