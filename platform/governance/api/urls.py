"""The routes of the API. Every name here stands in the table of access.py; a test enumerates them."""

from django.urls import path, register_converter

from governance.api.converters import Digest, Ref
from governance.api.views import (
    bases,
    checkpoints,
    datasets,
    documents,
    house,
    jobs,
    log,
    models,
    plans,
    policies,
    qualifications,
    releases,
    requests,
    sentinels,
    serving,
    token,
)

register_converter(Ref, "ref")
register_converter(Digest, "digest")

HOUSE = [
    path("oauth/token", token.Token.as_view(), name="token"),
    path("v1/schema", house.Schema.as_view(), name="schema"),
    path("v1/catalog", house.Catalog.as_view(), name="catalog"),
    path("v1/trust", house.Trust.as_view(), name="trust"),
    path("v1/log/head", log.Head.as_view(), name="log-head"),
    path("v1/log/entries/<int:index>", log.OneEntry.as_view(), name="log-entry"),
    path("v1/log/consistency", log.Consistency.as_view(), name="log-consistency"),
]
LINEAGE = [
    path("v1/datasets", datasets.Datasets.as_view(), name="datasets"),
    path("v1/datasets/<ref:ref>/snapshots", datasets.Snapshots.as_view(), name="snapshots"),
    path("v1/datasets/<ref:ref>/texts", datasets.Texts.as_view(), name="texts"),
    path("v1/datasets/<ref:ref>/sentinels", sentinels.Sentinels.as_view(), name="sentinels"),
    path("v1/sentinels/<ref:ref>", sentinels.OneSet.as_view(), name="sentinel-set"),
    path("v1/sentinels/<ref:ref>/errand", sentinels.Errand.as_view(), name="sentinel-errand"),
    path("v1/sentinels/<ref:ref>/reveal", sentinels.Reveal.as_view(), name="sentinel-reveal"),
    path("v1/bases", bases.Bases.as_view(), name="bases"),
    path("v1/bases/<ref:ref>", bases.OneBase.as_view(), name="base"),
    path("v1/bases/<ref:ref>/retract", bases.Retract.as_view(), name="base-retract"),
    path("v1/models", models.Models.as_view(), name="models"),
    path("v1/models/<ref:ref>", models.OneModel.as_view(), name="model"),
    path("v1/models/<ref:ref>/privacy", models.Privacy.as_view(), name="model-privacy"),
    path("v1/models/<ref:ref>/sentinels", sentinels.OfModel.as_view(), name="model-sentinels"),
    path("v1/models/<ref:ref>/training-runs", models.TrainingRuns.as_view(), name="training-runs"),
    path("v1/models/<ref:ref>/recipe", models.Recipe.as_view(), name="model-recipe"),
    path("v1/models/<ref:ref>/withdraw", models.Withdraw.as_view(), name="model-withdraw"),
    path("v1/checkpoints", checkpoints.Checkpoints.as_view(), name="checkpoints"),
    path("v1/checkpoints/<ref:ref>", checkpoints.OneCheckpoint.as_view(), name="checkpoint"),
    path("v1/checkpoints/<ref:ref>/descendants", checkpoints.Descendants.as_view(), name="descendants"),
    path("v1/objects/<digest:digest>", serving.OneObject.as_view(), name="object"),
    path("v1/deployments", serving.Deployments.as_view(), name="deployments"),
    path("v1/deployments/<ref:ref>/report", serving.Report.as_view(), name="deployment-report"),
    path("v1/deployments/<ref:ref>/stop", serving.Stop.as_view(), name="deployment-stop"),
]
WORK = [
    path("v1/qualifications", qualifications.Qualifications.as_view(), name="qualifications"),
    path("v1/qualifications/<ref:ref>", qualifications.OneQualification.as_view(), name="qualification"),
    path("v1/jobs", jobs.Jobs.as_view(), name="jobs"),
    path("v1/jobs/<ref:ref>", jobs.OneJob.as_view(), name="job"),
    path("v1/jobs/<ref:ref>/cancel", jobs.Cancel.as_view(), name="job-cancel"),
    path("v1/jobs/<ref:ref>/retry", jobs.Retry.as_view(), name="job-retry"),
    path("v1/plans", plans.Plans.as_view(), name="plans"),
    path("v1/plans/<ref:ref>", plans.OnePlan.as_view(), name="plan"),
    path("v1/plans/<ref:ref>/verification", plans.Verification.as_view(), name="plan-verification"),
    path("v1/plans/<ref:ref>/confirm", plans.Confirm.as_view(), name="plan-confirm"),
    path("v1/plans/<ref:ref>/discard", plans.Discard.as_view(), name="plan-discard"),
    path("v1/plans/<ref:ref>/clear-alarm", plans.ClearAlarm.as_view(), name="plan-clear-alarm"),
    path("v1/plans/<ref:ref>/climb", plans.Climb.as_view(), name="plan-climb"),
    path("v1/policies", policies.Policies.as_view(), name="policies"),
    path("v1/releases", releases.Releases.as_view(), name="releases"),
    path("v1/releases/<ref:ref>", releases.OneRelease.as_view(), name="release"),
    path("v1/releases/<ref:ref>/approve", releases.Approve.as_view(), name="release-approve"),
    path("v1/releases/<ref:ref>/withdraw", releases.Withdraw.as_view(), name="release-withdraw"),
]
REQUESTS = [
    path("v1/erasure-requests", requests.Requests.as_view(), name="erasure-requests"),
    path("v1/erasure-requests/<ref:ref>", requests.OneRequest.as_view(), name="erasure-request"),
    path("v1/erasure-requests/<ref:ref>/privacy", requests.Privacy.as_view(), name="request-privacy"),
    path("v1/erasure-requests/<ref:ref>/identity", requests.ProveIdentity.as_view(), name="request-identity"),
    path("v1/erasure-requests/<ref:ref>/scope", requests.ConfirmScope.as_view(), name="request-scope"),
    path("v1/erasure-requests/<ref:ref>/refusal", requests.Refuse.as_view(), name="request-refusal"),
    path("v1/erasure-requests/<ref:ref>/withdrawal", requests.Withdraw.as_view(), name="request-withdrawal"),
    path("v1/erasure-requests/<ref:ref>/removal", requests.RemoveRecords.as_view(), name="request-removal"),
]
PAPERS = [
    path("v1/erasure-requests/<ref:ref>/receipt", documents.Receipt.as_view(), name="request-receipt"),
    path("v1/plans/<ref:ref>/bundle", documents.PlanBundle.as_view(), name="plan-bundle"),
    path(
        "v1/plans/<ref:ref>/bundle-with-weights", documents.PlanBundleWithWeights.as_view(), name="plan-bundle-weights"
    ),
    path("v1/plans/<ref:ref>/report", documents.PlanReport.as_view(), name="plan-report"),
    path("v1/jobs/<ref:ref>/bundle", documents.JobBundle.as_view(), name="job-bundle"),
]
urlpatterns = [*HOUSE, *LINEAGE, *REQUESTS, *WORK, *PAPERS]
