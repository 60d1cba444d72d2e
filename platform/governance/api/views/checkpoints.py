"""Checkpoints: trained here, trained elsewhere, and made from one another."""

from typing import Any

from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.answers import created, listed, one
from governance.api.base import FILE_BYTES, ApiView, parsed
from governance.api.describe import gives, gives_page
from governance.api.lineage_inputs import NewCheckpoint, NewCheckpointForm, NewDescendant
from governance.api.shapes.lineage import CheckpointDetail, CheckpointShape, DescentShape
from governance.lineage import services
from governance.lineage.models import Checkpoint, Dataset

CHECKPOINTS = Checkpoint.objects.select_related("model", "run").prefetch_related(
    "ancestors__parent", "ancestors__child", "descendants__parent", "descendants__child"
)


class Checkpoints(ApiView):
    parser_classes = [JSONParser, MultiPartParser]
    most_bytes = FILE_BYTES

    @gives_page(CheckpointShape)
    def get(self, request: Request) -> Response:
        return listed(CheckpointShape, Checkpoint.objects.select_related("model", "run"), request)

    @gives(
        CheckpointDetail,
        status=201,
        takes={"application/json": NewCheckpoint, "multipart/form-data": NewCheckpointForm},
    )
    def post(self, request: Request) -> Response:
        """Register a model trained elsewhere, with the gaps in its lineage; it can never be certified."""
        form = (request.content_type or "").startswith("multipart/")
        asked: dict[str, Any] = parsed(NewCheckpointForm if form else NewCheckpoint, request)
        if asked["dataset"]:
            asked["dataset"] = one(Dataset.objects.all(), ref=asked["dataset"])
        made = services.register_foreign_checkpoint(actor=self.actor, **asked)
        return created(CheckpointDetail, made, request)


class OneCheckpoint(ApiView):
    @gives(CheckpointDetail)
    def get(self, request: Request, ref: str) -> Response:
        return Response(CheckpointDetail(one(CHECKPOINTS, ref=ref)).data)


class Descendants(ApiView):
    @gives(DescentShape(many=True))
    def get(self, request: Request, ref: str) -> Response:
        edges = one(CHECKPOINTS, ref=ref).descendants.all()
        return Response(DescentShape(edges, many=True).data)

    @gives(DescentShape, status=201, takes=NewDescendant)
    def post(self, request: Request, ref: str) -> Response:
        """Declare that another checkpoint was made from this one: erasure then reaches it too."""
        asked = parsed(NewDescendant, request)
        parent: Checkpoint = one(CHECKPOINTS, ref=ref)
        child: Checkpoint = one(CHECKPOINTS, ref=asked["child"])
        edge = services.add_descendant(parent=parent, child=child, kind=asked["kind"], actor=self.actor)
        return Response(DescentShape(edge).data, status=201)
