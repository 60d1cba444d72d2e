"""Evidence bundles, reports and receipts that were written, by digest."""

from django.db import models

from governance.appendonly import AppendOnly
from governance.ids import ref_maker


class Document(AppendOnly):
    class Kind(models.TextChoices):
        BUNDLE = "bundle"
        REPORT = "report"
        RECEIPT = "receipt"

    ref = models.CharField(max_length=64, unique=True, default=ref_maker("doc"))
    kind = models.CharField(max_length=8, choices=Kind.choices)
    thread = models.CharField(max_length=64, db_index=True)
    digest = models.CharField(max_length=80)
    created_at = models.DateTimeField(auto_now_add=True)
