"""The doorbell. The web asks for work by task name; the bodies are in workers/. Losing Redis loses nothing."""

from enum import StrEnum

from celery import Celery
from django.conf import settings

from governance.embedded import celery_broker_url


class TaskName(StrEnum):
    RUN_JOB = "obelus.run_job"


def make_app() -> Celery:
    app = Celery("obelus", broker=celery_broker_url(settings.REDIS_URL) if settings.REDIS_URL else None)
    app.conf.update(
        task_ignore_result=True,
        task_acks_late=False,  # acknowledged early: recovery is the lease and the sweep alone
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        broker_transport_options={"visibility_timeout": 900, "health_check_interval": 10, "socket_timeout": 5},
        task_serializer="json",
        accept_content=["json"],
        worker_cancel_long_running_tasks_on_connection_loss=False,
    )
    return app


app = make_app()


def ring(task: str, argument: str) -> None:
    """Send one message that carries nothing but an id."""
    app.send_task(task, args=[argument], retry=False)
