"""Releases: proposed by one person, approved by two others, withdrawn at any time."""

from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.answers import created, listed, one
from governance.api.base import ApiView, parsed
from governance.api.describe import gives, gives_page
from governance.api.inputs import Empty, NewRelease, Withdrawal
from governance.api.shapes.work import ReleaseDetail, ReleaseShape
from governance.lineage.models import Checkpoint
from governance.releases import services
from governance.releases.models import Release
from governance.verification.models import Policy

RELEASES = Release.objects.select_related("checkpoint", "plan", "policy", "proposer").prefetch_related(
    "approvals__user"
)


class Releases(ApiView):
    @gives_page(ReleaseShape)
    def get(self, request: Request) -> Response:
        return listed(ReleaseShape, RELEASES, request)

    @gives(ReleaseDetail, status=201, takes=NewRelease)
    def post(self, request: Request) -> Response:
        """Put a candidate before the approvers; its gate must be open."""
        asked = parsed(NewRelease, request)
        checkpoint: Checkpoint = one(Checkpoint.objects.all(), ref=asked["checkpoint"])
        policy: Policy = one(Policy.objects.all(), ref=asked["policy"])
        made = services.propose(checkpoint=checkpoint, policy=policy, actor=self.actor)
        return created(ReleaseDetail, made, request)


class OneRelease(ApiView):
    @gives(ReleaseDetail)
    def get(self, request: Request, ref: str) -> Response:
        return Response(ReleaseDetail(one(RELEASES, ref=ref)).data)


class Approve(ApiView):
    @gives(ReleaseDetail, takes=Empty)
    def post(self, request: Request, ref: str) -> Response:
        """Approve as one of two different people, neither of them the proposer."""
        parsed(Empty, request)
        services.approve(release=one(RELEASES, ref=ref), actor=self.actor)
        return Response(ReleaseDetail(one(RELEASES, ref=ref)).data)


class Withdraw(ApiView):
    @gives(ReleaseDetail, takes=Withdrawal)
    def post(self, request: Request, ref: str) -> Response:
        """Take a release back. Nothing stands in the way of it."""
        asked = parsed(Withdrawal, request)
        services.withdraw(release=one(RELEASES, ref=ref), reason=asked["reason"], actor=self.actor)
        return Response(ReleaseDetail(one(RELEASES, ref=ref)).data)
