"""Jobs: one to drill with, all of them to watch, and the two things a person may do to one."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.answers import created, listed, one
from governance.api.base import ApiView, parsed
from governance.api.describe import gives, gives_page
from governance.api.inputs import Empty, NewJob
from governance.api.shapes.jobs import JobDetail, JobShape
from governance.jobs import services
from governance.jobs.models import Job
from governance.jobs.submission import submit

JOBS = Job.objects.select_related("plan").prefetch_related("attempts")


class Jobs(ApiView):
    @gives_page(JobShape)
    def get(self, request: Request) -> Response:
        return listed(JobShape, Job.objects.select_related("plan"), request)

    @gives(JobDetail, status=201, takes=NewJob)
    def post(self, request: Request) -> Response:
        """Run the engine `noop`: for drills, and for watching a long job."""
        asked: dict[str, Any] = parsed(NewJob, request)
        return created(JobDetail, submit(actor=self.actor, **asked), request)


class OneJob(ApiView):
    @gives(JobDetail)
    def get(self, request: Request, ref: str) -> Response:
        return Response(JobDetail(one(JOBS, ref=ref)).data)


class Cancel(ApiView):
    @gives(JobDetail, takes=Empty)
    def post(self, request: Request, ref: str) -> Response:
        """Ask a job to stop: a queued one ends now, a running one within seconds."""
        parsed(Empty, request)
        return Response(JobDetail(services.cancel(ref, actor=self.actor)).data)


class Retry(ApiView):
    @gives(JobDetail, takes=Empty)
    def post(self, request: Request, ref: str) -> Response:
        """Send a dead letter round once more."""
        parsed(Empty, request)
        return Response(JobDetail(services.retry_dead(ref, actor=self.actor)).data)
