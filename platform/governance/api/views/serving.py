"""Deployments, and what is known of a stored object."""

from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.answers import created, listed, one
from governance.api.base import ApiView, parsed
from governance.api.describe import gives, gives_page
from governance.api.inputs import Empty
from governance.api.lineage_inputs import DeploymentReport, NewDeployment
from governance.api.shapes.lineage import DeploymentShape, ObjectDetail
from governance.errors import Destroyed
from governance.lineage import services
from governance.lineage.models import Deployment, TrainedModel
from governance.lineage.switching_off import stop_serving
from governance.objects.models import StoredObject


class Deployments(ApiView):
    @gives_page(DeploymentShape)
    def get(self, request: Request) -> Response:
        return listed(DeploymentShape, Deployment.objects.select_related("model"), request)

    @gives(DeploymentShape, status=201, takes=NewDeployment)
    def post(self, request: Request) -> Response:
        """Register a place where a model is served."""
        asked = parsed(NewDeployment, request)
        model: TrainedModel = one(TrainedModel.objects.all(), ref=asked["model"])
        made = services.register_deployment(name=asked["name"], model=model, actor=self.actor)
        return created(DeploymentShape, made, request)


class Report(ApiView):
    @gives(DeploymentShape, takes=DeploymentReport)
    def post(self, request: Request, ref: str) -> Response:
        """A deployment says which digest it has loaded. A destroyed one answers 410."""
        asked = parsed(DeploymentReport, request)
        deployment: Deployment = one(Deployment.objects.select_related("model"), ref=ref)
        told = services.report_deployment(deployment=deployment, digest=asked["digest"], actor=self.actor)
        return Response(DeploymentShape(told).data)


class Stop(ApiView):
    @gives(DeploymentShape, takes=Empty)
    def post(self, request: Request, ref: str) -> Response:
        """A deployment says that it serves nothing any more: what waited for it goes on."""
        parsed(Empty, request)
        deployment: Deployment = one(Deployment.objects.select_related("model"), ref=ref)
        return Response(DeploymentShape(stop_serving(deployment=deployment, actor=self.actor)).data)


class OneObject(ApiView):
    @gives(ObjectDetail)
    def get(self, request: Request, digest: str) -> Response:
        """Size and parts, never the bytes. 410 when it was destroyed, 404 when it was never kept."""
        row: StoredObject = one(StoredObject.objects.exclude(status=StoredObject.Status.PENDING), digest=digest)
        if row.status == StoredObject.Status.DESTROYED:
            raise Destroyed(f"Object {digest} was destroyed on {row.destroyed_at:%Y-%m-%d}.")
        return Response(ObjectDetail(row).data)
