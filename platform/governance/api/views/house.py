"""What the house can do, and the keys to check it with."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.base import ApiView
from governance.api.describe import gives
from governance.api.shapes.house import CatalogShape
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
