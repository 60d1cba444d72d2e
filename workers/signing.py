"""Signing approved releases: the release key is used here and nowhere else."""

import logging

from django.db import connections

from governance.errors import GateShut, ObelusError, StaleState
from governance.queue import TaskName, app
from governance.releases.models import Release

log = logging.getLogger("workers")


@app.task(name=TaskName.SIGN_RELEASE)  # type: ignore[untyped-decorator]
def sign_release(ref: str) -> None:
    """Sign and publish a release that two people approved; a second bell for it is nothing."""
    # Not above: model-signing costs half a second and 30 MB, which a worker that signs nothing need not pay.
    from governance.releases.publishing import publish
    from governance.releases.signing import sign_object

    try:
        release = Release.objects.filter(ref=ref, status=Release.Status.APPROVED).first()
        if release is not None:
            publish(release, signature=sign_object(release.checkpoint.object_digest))
    except StaleState:
        return
    except (GateShut, ObelusError) as error:
        log.error("a release could not be published", extra={"release": ref, "code": error.code})
    finally:
        connections.close_all()
