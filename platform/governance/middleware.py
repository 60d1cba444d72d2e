"""Headers every answer carries: nothing is cached, no foreign host is ever asked."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; font-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# The console's theme runs Alpine.js, which compiles its x-data expressions: only there is eval allowed.
CONSOLE_POLICY = POLICY + "; script-src 'self' 'unsafe-inline' 'unsafe-eval'"


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
