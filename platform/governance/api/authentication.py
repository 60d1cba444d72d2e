"""Two ways in: a machine's Bearer token, or a person's console session with its CSRF token."""

import hashlib
from typing import Any

from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from oauth2_provider.models import get_access_token_model
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from governance.people.scopes import SCOPES


class MachineBearer(BaseAuthentication):
    """A token in the Authorization header and nowhere else: in a URL it would end up in logs.

    The body is not read here: an unauthenticated upload must not be parsed.
    """

    def authenticate(self, request: Request) -> tuple[None, Any] | None:
        kind, _, secret = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer":
            return None
        checksum = hashlib.sha256(secret.strip().encode("utf-8", "replace")).hexdigest()
        token = get_access_token_model().objects.select_related("application").filter(token_checksum=checksum).first()
        # Given but no good is refused, never overlooked in favour of a session cookie.
        if token is None or token.application is None or token.expires <= timezone.now():
            raise AuthenticationFailed("The access token is unknown or has expired.", code="invalid_token")
        return None, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="obelus"'


class MachineBearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "governance.api.authentication.MachineBearer"
    name = "machine"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "oauth2",
            "flows": {"clientCredentials": {"tokenUrl": "/api/oauth/token", "scopes": SCOPES}},
        }
