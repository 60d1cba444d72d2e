"""The OAuth2 token endpoint: client credentials only, tokens of 15 minutes."""

import json
from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from oauth2_provider.views.mixins import OAuthLibMixin
from rest_framework import serializers
from rest_framework.parsers import FormParser
from rest_framework.request import Request

from governance.api.base import ApiView
from governance.api.describe import PROBLEM
from governance.api.problems import MEDIA_TYPE, problem
from governance.api.throttles import TokenRate

STATUS_TITLES = {400: "No token can be given", 401: "The client is not known by this secret"}


class TokenAsk(serializers.Serializer[Any]):
    grant_type = serializers.ChoiceField(choices=["client_credentials"])
    client_id = serializers.CharField(required=False)
    client_secret = serializers.CharField(required=False)
    scope = serializers.CharField(required=False)


class TokenShape(serializers.Serializer[Any]):
    access_token = serializers.CharField()
    expires_in = serializers.IntegerField()
    token_type = serializers.CharField()
    scope = serializers.CharField()


class Token(OAuthLibMixin, ApiView):  # type: ignore[misc]
    authentication_classes = []
    parser_classes = [FormParser]
    throttle_classes = [TokenRate]

    @extend_schema(
        request={"application/x-www-form-urlencoded": TokenAsk}, responses={200: TokenShape, **PROBLEM}, auth=[]
    )
    def post(self, request: Request) -> HttpResponse:
        """Client credentials in, a token out: send `client_id` and `client_secret` in the form or by Basic auth."""
        _, headers, body, status = self.create_token_response(request._request)
        if status == 200:
            return HttpResponse(body, status=200, headers=headers)
        return HttpResponse(
            as_problem(json.loads(body), status), status=status, headers={**headers, "Content-Type": MEDIA_TYPE}
        )


def as_problem(said: dict[str, str], status: int) -> str:
    """A problem that an OAuth2 client still understands: RFC 6749's `error` beside RFC 9457's members."""
    code = said.get("error", "invalid_request")
    detail = said.get("error_description", "")
    remedy = "Send grant_type=client_credentials with a client's own id, secret and granted scopes."
    return json.dumps(
        problem(status=status, code=code, title=STATUS_TITLES.get(status, ""), detail=detail, remedy=remedy, **said)
    )
