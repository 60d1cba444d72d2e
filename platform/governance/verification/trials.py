"""Trials of recipes that still hold somebody: rows lent as public are a person's rows all the same."""

from django.db.models import Q, QuerySet

from governance.audit.models import CaseKey
from governance.lineage.models import SnapshotRow, Subject
from governance.verification.qualification_models import QualificationRun


def trials_holding(subject: Subject) -> QuerySet[QualificationRun]:
    """Trials on rows of this person that run, or whose models have not been destroyed yet."""
    not_cleared = Q(qualification=None) | Q(ref__in=CaseKey.objects.filter(destroyed_at=None).values("case_ref"))
    # Their snapshots first: two joins over all members side by side would multiply them.
    theirs = SnapshotRow.objects.filter(record__subject=subject).values("snapshot")
    return QualificationRun.objects.filter(not_cleared, Q(snapshot__in=theirs) | Q(holdout__in=theirs))
