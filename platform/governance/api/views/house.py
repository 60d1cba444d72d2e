"""What the house can do, and the keys to check it with."""

from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.settings import patched_settings
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.base import ApiView
from governance.api.describe import gives
from governance.api.schema_settings import SCHEMA_SETTINGS
from governance.api.shapes.house import CatalogShape
from governance.api.shapes.log import TrustShape
from governance.reports.trust import trust_document
from unlearning.catalog import ENGINES


class Catalog(ApiView):
    @gives(CatalogShape)
    def get(self, request: Request) -> Response:
        """Every engine with its rung and parameters."""
        engines: list[dict[str, Any]] = [
            {
                "name": engine.name,
                "rung": engine.rung,
                "resumable": engine.resumable,
                "seeded": engine.seeded,
                "sentence": engine.sentence,
                "parameters": engine.parameters,
            }
            for engine in ENGINES.values()
        ]
        return Response({"engines": engines})


class Trust(ApiView):
    authentication_classes = []

    @gives(TrustShape)
    def get(self, request: Request) -> Response:
        """The public keys, obelus/trust/1. Compare them with a copy that you got another way."""
        return Response(trust_document())


@cache
def description() -> dict[str, Any]:
    """The OpenAPI description; it changes only with the code."""
    with patched_settings(SCHEMA_SETTINGS):
        generator = SchemaGenerator()  # type: ignore[no-untyped-call]
        found: dict[str, Any] = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return found


class Schema(ApiView):
    authentication_classes = []

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        """This description."""
        return Response(description(), content_type="application/vnd.oai.openapi+json")
