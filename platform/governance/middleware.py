"""Headers every answer carries, and one log line for each: nothing is cached, no foreign host is ever asked."""

import logging
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from governance.ids import new_ref

POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; font-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# The console's theme runs Alpine.js, which compiles its x-data expressions: only there is eval allowed.
CONSOLE_POLICY = POLICY + "; script-src 'self' 'unsafe-inline' 'unsafe-eval'"
log = logging.getLogger("access")


class PrivatePages:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        console = request.path.startswith("/console/")
        response.setdefault("Content-Security-Policy", CONSOLE_POLICY if console else POLICY)
        response.setdefault("Referrer-Policy", "same-origin")
        if not request.path.startswith("/static/"):
            response.setdefault("Cache-Control", "no-store")
        return response


class AccessLog:
    """One line for each answer: the route's name and never the path, which is whatever a caller typed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.monotonic()
        # Made here, never taken from the caller: it goes into the log.
        request_id = new_ref("req")
        response = self.get_response(request)
        response["X-Request-Id"] = request_id
        match = request.resolver_match
        said = {
            "method": request.method,
            "route": (match.url_name or match.view_name) if match else "none",
            "status": response.status_code,
            "ms": round((time.monotonic() - began) * 1000),
            "request_id": request_id,
        }
        log.info("answered", extra=said)
        return response
