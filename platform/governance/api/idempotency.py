"""The Idempotency-Key header, and the fingerprint that tells one request from another."""

import hashlib
import hmac
import json
from typing import Any

from django.conf import settings
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from governance.env import key_file
from governance.errors import ObelusError

HEADER = "Idempotency-Key"
PARAMETER = OpenApiParameter(
    HEADER, str, OpenApiParameter.HEADER, required=True, description="fresh for each case, kept for retries"
)


class KeyMissingError(ObelusError):
    code, status, title = "idempotency_key_missing", 400, "This needs an idempotency key"


def key_of(request: Request) -> str:
    """Raises: KeyMissingError."""
    key = request.headers.get(HEADER, "")
    if not key:
        raise KeyMissingError(
            f"A request without {HEADER} could be taken in twice when it is sent again.",
            remedy="Choose a fresh key for each case, for example a random UUID, and keep it for retries.",
        )
    return key


def fingerprint_of(request: Request, body: dict[str, Any]) -> str:
    """Keyed, because the body holds a person's identifier: a plain digest would let anyone test a guess."""
    what = json.dumps([request.method, request.path, body], sort_keys=True).encode()
    return "hmac:" + hmac.new(key_file(settings.KEYS, "idempotency"), what, hashlib.sha256).hexdigest()
