"""Trials of recipes that still hold somebody: rows lent as public are a person's rows all the same."""

from django.db.models import Q, QuerySet

from governance.audit.models import CaseKey
from governance.lineage.models import Subject
from governance.verification.qualification_models import QualificationRun


def trials_holding(subject: Subject) -> QuerySet[QualificationRun]:
    """Trials on rows of this person that run, or whose models have not been destroyed yet."""
    not_cleared = Q(qualification=None) | Q(ref__in=CaseKey.objects.filter(destroyed_at=None).values("case_ref"))
    theirs = Q(snapshot__members__record__subject=subject) | Q(holdout__members__record__subject=subject)
    return QualificationRun.objects.filter(not_cleared, theirs).distinct()
