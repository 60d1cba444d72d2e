"""A deployment that serves nothing any more: without this, weights would wait for it for ever."""

from django.db import transaction
from django.utils import timezone

from governance.actors import Actor
from governance.audit.models import Event
from governance.audit.services import append
from governance.lineage.models import Deployment


@transaction.atomic
def stop_serving(*, deployment: Deployment, actor: Actor) -> Deployment:
    """Note that a deployment serves nothing of its model. The same word again only renews its time."""
    row = Deployment.objects.select_for_update().get(pk=deployment.pk)
    changed = row.serving != ""
    row.serving, row.reported_at = "", timezone.now()
    row.save(update_fields=["serving", "reported_at"])
    if changed:
        body = {"deployment": row.ref, "weights": None}
        append(Event.DEPLOYMENT_REPORTED, thread=row.ref, actor=actor, body=body)
    return row
