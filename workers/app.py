"""The worker's door: `celery -A workers.app worker -P threads`."""

import os
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings")
# Django's checks import the web's routes and pages: a worker needs none of them and must start without them.
os.environ.setdefault("CELERY_SKIP_CHECKS", "true")
django.setup()

from celery.signals import worker_ready, worker_shutting_down  # noqa: E402

from governance.queue import app  # noqa: E402
from governance.releases.release_key import export_public_key  # noqa: E402
from workers import janitor, signing, stopping, tasks  # noqa: E402

__all__ = ["app", "signing", "tasks"]


@worker_ready.connect  # type: ignore[untyped-decorator]
def keep_house(**kwargs: Any) -> None:
    export_public_key()
    janitor.start()


@worker_shutting_down.connect  # type: ignore[untyped-decorator]
def stop_claiming(**kwargs: Any) -> None:
    """TERM: claim nothing more; the watch loops end their runners and hand the leases back."""
    stopping.stop()
