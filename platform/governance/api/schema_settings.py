"""Names for the enumerations in the OpenAPI description: six things have a `status`, and none of them is "the" one."""

from typing import Any

SCHEMA_SETTINGS: dict[str, Any] = {
    "ENUM_NAME_OVERRIDES": {
        "JobStatus": "governance.jobs.models.Job.Status",
        "PlanStatus": "governance.jobs.models.Plan.Status",
        "DispositionStatus": "governance.jobs.models.Disposition.Status",
        "CheckpointStatus": "governance.lineage.models.Checkpoint.Status",
        "DatasetKind": "governance.lineage.models.DatasetKind",
        "DescentKind": "governance.lineage.models.Descent.Kind",
        "RequestStatus": "governance.intake.models.ErasureRequest.Status",
        "SentinelKind": "governance.verification.models.SentinelSet.Kind",
        "ReleaseStatus": "governance.releases.models.Release.Status",
    },
}
