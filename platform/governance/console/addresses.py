"""Where the page of a thing is."""

from django.urls import reverse

from governance.intake.models import ErasureRequest
from governance.jobs.models import Job, Plan
from governance.lineage.models import Base, Dataset, TrainedModel
from governance.releases.models import Release
from governance.verification.models import QualificationRun, SentinelSet

NAMES: dict[type, str] = {
    ErasureRequest: "request",
    Plan: "plan",
    Release: "release",
    Job: "job",
    TrainedModel: "model",
    Base: "base",
    Dataset: "dataset",
    SentinelSet: "sentinel_set",
    QualificationRun: "qualification",
}


def page_of(row: object) -> str:
    return reverse(f"console:{NAMES[type(row)]}", args=[row.ref])  # type: ignore[attr-defined]
