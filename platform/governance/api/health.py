"""Is the process alive, and is all it needs there. Names what is missing, never where or with which secret."""

import logging
from collections.abc import Callable
from datetime import timedelta

import redis
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from redis.backoff import NoBackoff
from redis.retry import Retry

from governance.api.problems import as_response, problem
from governance.audit.models import Entry

log = logging.getLogger("health")
# The sequencer numbers twice a second; an entry that waits this long means that no tick is running.
LOG_LAG_S = 60


def database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))


def doorbell() -> bool:
    patience = {"socket_timeout": 2, "socket_connect_timeout": 2, "retry": Retry(NoBackoff(), 0)}
    with redis.Redis.from_url(settings.REDIS_URL, **patience) as client:
        return bool(client.ping())


def migrations() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def log_is_numbered() -> bool:
    late = timezone.now() - timedelta(seconds=LOG_LAG_S)
    return not Entry.objects.filter(numbered=None, at__lt=late).exists()


CHECKS: dict[str, Callable[[], bool]] = {
    "database": database,
    "redis": doorbell,
    "migrations": migrations,
    "log": log_is_numbered,
}
REMEDY = "database, redis: start them or correct the URLs; migrations: manage.py migrate; log: start manage.py tick."


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers."""
    return JsonResponse({"status": "alive"})


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """All that a request needs is there; else 503 with the names of what is not."""
    missing = [name for name, check in CHECKS.items() if not passes(name, check)]
    if missing:
        said = f"Not ready: {', '.join(missing)}."
        return as_response(problem(status=503, code="not_ready", detail=said, remedy=REMEDY, missing=missing))
    return JsonResponse({"status": "ready"})


def passes(name: str, check: Callable[[], bool]) -> bool:
    try:
        return check()
    except Exception:
        log.warning("not ready", extra={"task": name}, exc_info=True)
        return False
