"""The log's signed heads and proofs, and the keys to check them with."""

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from evidence import strict_base64
from governance.api.base import ApiView
from governance.api.describe import gives
from governance.api.inputs import Strict
from governance.api.logproofs import consistency, inclusion, newest_head
from governance.api.shapes.log import ConsistencyShape, HeadShape, InclusionShape

LONGEST = 10**15


class Sizes(Strict):
    first = serializers.IntegerField(min_value=0, max_value=LONGEST)
    second = serializers.IntegerField(min_value=0, max_value=LONGEST)


class Head(ApiView):
    @gives(HeadShape)
    def get(self, request: Request) -> Response:
        """The newest signed head."""
        head = newest_head()
        root = strict_base64.encode(bytes(head.root))
        return Response({"size": head.size, "root": root, "note": head.note, "at": head.at})


class OneEntry(ApiView):
    @gives(InclusionShape)
    def get(self, request: Request, index: int) -> Response:
        """One entry with its inclusion proof."""
        return Response(inclusion(index))


class Consistency(ApiView):
    @gives(ConsistencyShape, parameters=[OpenApiParameter("first", int), OpenApiParameter("second", int)])
    def get(self, request: Request) -> Response:
        """That an older state of the log is the beginning of a newer one."""
        sizes = Sizes(data=request.query_params.dict())
        sizes.is_valid(raise_exception=True)
        return Response(consistency(**sizes.validated_data))
