"""Plans: proposed for a model, confirmed by a person, watched by all."""

from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.answers import created, listed, one
from governance.api.base import ApiView, parsed
from governance.api.describe import gives, gives_page
from governance.api.inputs import Climbing, Empty, Finding, NewPlan
from governance.api.shapes.verification import PlanVerificationShape, verification_json
from governance.api.shapes.work import PlanDetail, PlanShape
from governance.api.timeline import timeline_of
from governance.jobs import plans as services
from governance.jobs.models import Plan
from governance.lineage.models import TrainedModel
from governance.verification import alarms
from governance.verification.models import Policy

PLANS = Plan.objects.select_related("model", "source", "candidate", "new_snapshot", "policy", "proposer")


def detail(ref: str) -> Response:
    plan: Plan = one(PLANS.prefetch_related("jobs", "dispositions", "certificates", "verdicts"), ref=ref)
    plan.timeline = timeline_of(plan.ref)  # type: ignore[attr-defined]
    return Response(PlanDetail(plan).data)


class Plans(ApiView):
    @gives_page(PlanShape)
    def get(self, request: Request) -> Response:
        return listed(PlanShape, PLANS, request)

    @gives(PlanShape, status=201, takes=NewPlan)
    def post(self, request: Request) -> Response:
        """Propose a plan for what is due in a model, under a policy that was fixed before."""
        asked = parsed(NewPlan, request)
        model: TrainedModel = one(TrainedModel.objects.all(), ref=asked["model"])
        policy: Policy = one(Policy.objects.all(), ref=asked["policy"])
        return created(PlanShape, services.propose(model=model, policy=policy, actor=self.actor), request)


class OnePlan(ApiView):
    @gives(PlanDetail)
    def get(self, request: Request, ref: str) -> Response:
        return detail(ref)


class Verification(ApiView):
    @gives(PlanVerificationShape)
    def get(self, request: Request, ref: str) -> Response:
        """The newest verdict with everything that may be read of it; what is sealed has no route."""
        return Response(PlanVerificationShape(verification_json(one(PLANS, ref=ref))).data)


class Confirm(ApiView):
    @gives(PlanDetail, takes=Empty)
    def post(self, request: Request, ref: str) -> Response:
        """Confirm the plan: the work starts, and you are its proposer, who can never approve its release."""
        parsed(Empty, request)
        services.confirm(plan=one(PLANS, ref=ref), actor=self.actor)
        return detail(ref)


class Discard(ApiView):
    @gives(PlanDetail, takes=Empty)
    def post(self, request: Request, ref: str) -> Response:
        """Drop a plan that has not run; what it was to do is open again."""
        parsed(Empty, request)
        services.discard(plan=one(PLANS, ref=ref), actor=self.actor)
        return detail(ref)


class ClearAlarm(ApiView):
    @gives(PlanDetail, takes=Finding)
    def post(self, request: Request, ref: str) -> Response:
        """Find that a failed verdict was a false alarm: the same draw goes before the approvers."""
        asked = parsed(Finding, request)
        alarms.clear(plan=one(PLANS, ref=ref), finding=asked["finding"], actor=self.actor)
        return detail(ref)


class Climb(ApiView):
    @gives(PlanDetail, takes=Climbing)
    def post(self, request: Request, ref: str) -> Response:
        """Let a stopped plan go on with its next method, or start over by retraining: that way is always open."""
        climb = {"next": services.climb, "retraining": services.climb_to_the_top}[parsed(Climbing, request)["to"]]
        climb(plan=one(PLANS, ref=ref), actor=self.actor)
        return detail(ref)
