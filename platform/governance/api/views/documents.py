"""Papers to take away: evidence bundles, reports, receipts. Who took one is written into the log."""

from django.http import HttpResponse
from rest_framework.request import Request

from governance.api.answers import one
from governance.api.base import ApiView, file_answer
from governance.api.describe import gives_file
from governance.api.views.requests import visible
from governance.jobs.models import Job, Plan
from governance.reports import services

ZIP, PDF = "application/zip", "application/pdf"


class PlanBundle(ApiView):
    @gives_file(ZIP)
    def get(self, request: Request, ref: str) -> HttpResponse:
        """All that an auditor needs of a closed plan, to be verified offline."""
        data = services.bundle(plan=one(Plan.objects.all(), ref=ref), actor=self.actor)
        return file_answer(data, media_type=ZIP, name=f"{ref}.zip")


class PlanBundleWithWeights(ApiView):
    @gives_file(ZIP)
    def get(self, request: Request, ref: str) -> HttpResponse:
        """The bundle with the released weights in it."""
        data = services.bundle_with_weights(plan=one(Plan.objects.all(), ref=ref), actor=self.actor)
        return file_answer(data, media_type=ZIP, name=f"{ref}-weights.zip")


class PlanReport(ApiView):
    @gives_file(PDF)
    def get(self, request: Request, ref: str) -> HttpResponse:
        """The report of a closed plan, for a reader."""
        data = services.report_pdf(plan=one(Plan.objects.all(), ref=ref), actor=self.actor)
        return file_answer(data, media_type=PDF, name=f"{ref}.pdf")


class JobBundle(ApiView):
    @gives_file(ZIP)
    def get(self, request: Request, ref: str) -> HttpResponse:
        """The evidence of a job that stands for itself."""
        data = services.job_bundle(job=one(Job.objects.all(), ref=ref), actor=self.actor)
        return file_answer(data, media_type=ZIP, name=f"{ref}.zip")


class Receipt(ApiView):
    @gives_file(ZIP)
    def get(self, request: Request, ref: str) -> HttpResponse:
        """The receipt of a fulfilled request, for the person."""
        data = services.receipt(request=one(visible(self.actor), ref=ref), actor=self.actor)
        return file_answer(data, media_type=ZIP, name=f"{ref}-receipt.zip")
