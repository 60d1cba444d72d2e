"""Verdicts that waited for sentinels alone: the tick reaches them once the last test has been read."""

import logging

from django.db import transaction

from governance.errors import ObelusError
from governance.jobs.models import Plan
from governance.verification.arms import conclude

log = logging.getLogger("tick")


def advance_waiting() -> int:
    """Conclude every plan whose candidate was asked about sentinels; one whose attack still runs is left as it is."""
    asked = Plan.objects.filter(status=Plan.Status.VERIFYING, candidate__sentinel_retests__isnull=False)
    refs = asked.distinct().values_list("pk", flat=True)
    return sum(turn(pk) for pk in list(refs))


def turn(pk: int) -> int:
    """One plan's turn. What stops it is said and does not stop the others."""
    try:
        return concluded(pk)
    except ObelusError as error:
        log.error("a verdict could not be reached", extra={"plan": Plan.objects.get(pk=pk).ref, "code": error.code})
        return 0


@transaction.atomic
def concluded(pk: int) -> int:
    plan = Plan.objects.select_for_update().get(pk=pk)
    if plan.status != Plan.Status.VERIFYING:
        return 0
    conclude(plan)
    return int(Plan.objects.get(pk=pk).status != Plan.Status.VERIFYING)
