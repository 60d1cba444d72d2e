"""Policies: fixed before anything runs under them."""

from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.answers import listed
from governance.api.base import ApiView, parsed
from governance.api.describe import gives, gives_page
from governance.api.inputs import NewPolicy
from governance.api.shapes.work import PolicyShape
from governance.verification import services
from governance.verification.models import Policy


class Policies(ApiView):
    @gives_page(PolicyShape)
    def get(self, request: Request) -> Response:
        return listed(PolicyShape, Policy.objects.all(), request)

    @gives(PolicyShape, status=201, takes=NewPolicy)
    def post(self, request: Request) -> Response:
        """Fix the next version of a policy. The same body again is the policy that is there."""
        asked = parsed(NewPolicy, request)
        return Response(PolicyShape(services.fix_policy(actor=self.actor, **asked)).data, status=201)
