"""Every error as RFC 9457 problem+json: what was expected, what came, what to do. Internals never leave the house."""

import json
import logging
import math
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.views import defaults
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from evidence.canonical import CanonicalError
from governance.api.remedies import REMEDIES, TITLES
from governance.errors import ObelusError
from governance.objects.files import NO_ROOM, NOT_OURS, refusal

log = logging.getLogger("api")
MEDIA_TYPE = "application/problem+json"


class LengthNeededError(ObelusError):
    code, status, title = "length_needed", 411, "The length of the body must be said beforehand"


class TooLargeError(ObelusError):
    code, status, title = "too_large", 413, "This is larger than what is taken here"


def problem(
    *, status: int, code: str, title: str = "", detail: str = "", remedy: str = "", **more: Any
) -> dict[str, Any]:
    """The members of RFC 9457 and ours: a stable `code`, and the `remedy` that goes with it."""
    title = title or TITLES.get(status, "The request cannot be carried out")
    return {
        "type": f"urn:obelus:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail or title,
        "code": code,
        "remedy": remedy or REMEDIES.get(code) or REMEDIES.get(str(status), ""),
        **more,
    }


def handle(error: Exception, context: dict[str, Any]) -> Response:
    """DRF's exception handler: whatever was raised, a problem leaves."""
    set_rollback()
    body = body_of(error)
    headers = headers_of(error)
    if body["status"] >= 500 and not isinstance(error, ObelusError):
        log.error("unexpected error", exc_info=error, extra={"code": body["code"]})
    return Response(body, status=body["status"], headers=headers, content_type=MEDIA_TYPE)


def body_of(error: Exception) -> dict[str, Any]:
    if isinstance(error, ObelusError):
        said = {"title": error.title, "detail": error.detail, "remedy": error.remedy}
        return problem(status=error.status, code=error.code, **said)
    if isinstance(error, exceptions.ValidationError):
        return problem(
            status=422, code="invalid", title="The input does not fit", errors=flatten("", error.get_full_details())
        )
    if isinstance(error, exceptions.APIException):
        return of_api_exception(error)
    if isinstance(error, CanonicalError):
        detail = "A number or a text in it has no canonical JSON form, so it could not be hashed."
        return problem(status=422, code="not_canonical", detail=detail)
    if isinstance(error, DataError):  # its own words may quote what was sent, so they go nowhere, not into a log either
        detail = "A text or a number in it cannot be kept, such as the character 0."
        return problem(status=422, code="not_storable", detail=detail)
    if isinstance(error, Http404):
        return problem(status=404, code="not_found")
    if isinstance(error, PermissionDenied):
        return problem(status=403, code="forbidden")
    if isinstance(error, RequestDataTooBig):
        return problem(status=413, code="too_large")
    if isinstance(error, SuspiciousOperation):
        return problem(status=400, code="bad_request")
    if isinstance(error, OSError) and error.errno in {*NO_ROOM, *NOT_OURS}:
        return body_of(refusal("what was sent", error))  # a large form is spooled to a file before any view sees it
    if isinstance(error, OperationalError | InterfaceError):
        return problem(status=503, code="unavailable")
    return problem(status=500, code="internal_error")


def of_api_exception(error: exceptions.APIException) -> dict[str, Any]:
    names = {403: "forbidden", "error": "bad_request"}
    code = str(error.get_codes())
    return problem(
        status=error.status_code, code=names.get(error.status_code) or names.get(code, code), detail=str(error.detail)
    )


def flatten(field: str, details: Any) -> list[dict[str, str]]:
    """DRF's nested error details as a flat list of {field, detail, code}."""
    if isinstance(details, dict) and set(details) == {"message", "code"}:
        return [{"field": field or "body", "detail": str(details["message"]), "code": str(details["code"])}]
    if isinstance(details, dict):
        pairs = [("" if name == "non_field_errors" else str(name), inner) for name, inner in details.items()]
    else:
        pairs = [("", inner) for inner in details]
    return [line for name, inner in pairs for line in flatten(".".join(filter(None, (field, name))), inner)]


def headers_of(error: Exception) -> dict[str, str]:
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header  # type: ignore[attr-defined]
    if (seconds := getattr(error, "wait", None)) is not None:
        headers["Retry-After"] = str(max(1, math.ceil(seconds)))
    return headers


def as_response(body: dict[str, Any]) -> HttpResponse:
    return HttpResponse(json.dumps(body), status=body["status"], content_type=MEDIA_TYPE)


def is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/") or request.path in {"/healthz", "/readyz"}


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_api(request):
        return as_response(problem(status=404, code="not_found", detail="There is no such route."))
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    if is_api(request):
        return as_response(problem(status=500, code="internal_error"))
    return defaults.server_error(request)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_api(request):
        return as_response(
            body_of(exception)
            if isinstance(exception, SuspiciousOperation)
            else problem(status=400, code="bad_request")
        )
    return defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_api(request):
        return as_response(problem(status=403, code="forbidden"))
    return defaults.permission_denied(request, exception)
