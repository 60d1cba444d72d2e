"""The doorbell. The web asks for work by task name; the bodies are in workers/. Losing Redis loses nothing."""

from enum import StrEnum

from celery import Celery
from django.conf import settings

from governance.embedded import celery_broker_url

QUEUE = "obelus"
REDIS_PATIENCE_S = 3  # a Redis that hangs delays the tick's other chores no longer than this


class TaskName(StrEnum):
    RUN_JOB = "obelus.run_job"
    SIGN_RELEASE = "obelus.sign_release"


def make_app() -> Celery:
    app = Celery("obelus", broker=celery_broker_url(settings.REDIS_URL) if settings.REDIS_URL else None)
    app.conf.update(
        task_default_queue=QUEUE,
        task_ignore_result=True,
        task_acks_late=False,  # acknowledged early: recovery is the lease and the sweep alone
        worker_prefetch_multiplier=1,
        worker_disable_prefetch=True,  # a busy worker must not sit on a bell that an idle one could answer
        worker_enable_prefetch_count_reduction=False,
        worker_enable_remote_control=False,  # whoever reaches Redis may ring, and nothing else
        worker_hijack_root_logger=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,  # Redis may be away for a night
        broker_connection_timeout=REDIS_PATIENCE_S,
        broker_transport_options={
            "visibility_timeout": 900,
            "health_check_interval": 10,
            "socket_timeout": REDIS_PATIENCE_S,
            "socket_connect_timeout": REDIS_PATIENCE_S,
        },
        task_serializer="json",
        accept_content=["json"],
    )
    return app


app = make_app()


def ring(task: str, argument: str) -> None:
    """Send one message that carries nothing but an id."""
    app.send_task(task, args=[argument], retry=False)


def bells_waiting() -> int:
    """How many messages lie in the queue, unclaimed."""
    with app.connection_for_write() as connection:
        return int(connection.default_channel.queue_declare(QUEUE).message_count)
