"""Rate limits counted in Redis, so that all web processes share one count. Without Redis nothing is throttled."""

import logging
import time
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import redis
from django.conf import settings
from django.http import HttpRequest
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

if TYPE_CHECKING:
    from rest_framework.views import APIView

log = logging.getLogger("throttle")
WINDOW_S = 60
# Counts and starts the window in one step: two processes cannot both see "the first".
COUNT = "local n = redis.call('INCR', KEYS[1]) if n == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end return n"


def store() -> redis.Redis:
    return connected(settings.REDIS_URL)


@cache
def connected(url: str) -> redis.Redis:
    """No retries: a limit that cannot be asked for at once is not waited for."""
    return redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0))


def caller_address(request: Request | HttpRequest) -> str:
    """The peer; behind a proxy that we trust, the address that this proxy saw.

    X-Forwarded-For is never believed beyond its last hop: the rest of it is the caller's own invention.
    """
    if settings.SECURE_PROXY_SSL_HEADER:
        hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        return hops[-1].strip() or str(request.META.get("REMOTE_ADDR", ""))
    return str(request.META.get("REMOTE_ADDR", ""))


def is_within(scope: str, who: str, *, usual: int) -> bool:
    """Count one more in this minute; whether it is still within the limit of its kind."""
    most = int(getattr(settings, "RATES_PER_MINUTE", {}).get(scope, usual))
    window = int(time.time()) // WINDOW_S
    try:
        count = store().eval(COUNT, 1, f"obelus:rate:{scope}:{who}:{window}", WINDOW_S)
    except RedisError:
        # A doorbell that is away must not close the house: PostgreSQL still holds every rule that matters.
        log.warning("redis is away; no rate limit is kept")
        return True
    return int(count) <= most


def seconds_left() -> float:
    """Until the next minute begins, and every count with it."""
    return WINDOW_S - time.time() % WINDOW_S


@dataclass
class PerMinute(BaseThrottle):
    """So many requests a minute for each `who`."""

    scope = ""
    usual = 60

    def allow_request(self, request: Request, view: "APIView") -> bool:
        if request.method != "POST":
            return True
        return is_within(self.scope, self.who(request), usual=self.usual)

    def wait(self) -> float:
        return seconds_left()

    def who(self, request: Request) -> str:
        return caller_address(request)


class TokenRate(PerMinute):
    """Guessing at secrets: by address, whatever client id is claimed."""

    scope, usual = "token", 60


class SubmitRate(PerMinute):
    """By client or person, so that one cannot use up another's share."""

    scope, usual = "submit", 6000

    def who(self, request: Request) -> str:
        token: Any = request.auth
        return f"client-{token.application_id}" if token is not None else f"user-{request.user.pk}"
