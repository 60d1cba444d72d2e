"""The routes of the API. Every name here stands in the table of access.py; a test enumerates them."""

from django.urls import path, register_converter

from governance.api.converters import Digest, Ref
from governance.api.views import house, jobs, token

register_converter(Ref, "ref")
register_converter(Digest, "digest")

urlpatterns = [
    path("v1/catalog", house.Catalog.as_view(), name="catalog"),
    path("oauth/token", token.Token.as_view(), name="token"),
    path("v1/jobs", jobs.Jobs.as_view(), name="jobs"),
    path("v1/jobs/<ref:ref>", jobs.OneJob.as_view(), name="job"),
    path("v1/jobs/<ref:ref>/cancel", jobs.Cancel.as_view(), name="job-cancel"),
    path("v1/jobs/<ref:ref>/retry", jobs.Retry.as_view(), name="job-retry"),
]
