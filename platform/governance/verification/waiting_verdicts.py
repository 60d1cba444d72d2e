"""Verdicts that waited for sentinels alone: the tick reaches them once the last test has been read."""

from django.db import transaction

from governance.jobs.models import Plan
from governance.verification.arms import conclude


def advance_waiting() -> int:
    """Conclude every plan whose candidate was asked about sentinels; one whose attack still runs is left as it is."""
    asked = Plan.objects.filter(status=Plan.Status.VERIFYING, candidate__sentinel_retests__isnull=False)
    refs = asked.distinct().values_list("pk", flat=True)
    return sum(concluded(pk) for pk in list(refs))


@transaction.atomic
def concluded(pk: int) -> int:
    plan = Plan.objects.select_for_update().get(pk=pk)
    if plan.status != Plan.Status.VERIFYING:
        return 0
    conclude(plan)
    return int(Plan.objects.get(pk=pk).status != Plan.Status.VERIFYING)
