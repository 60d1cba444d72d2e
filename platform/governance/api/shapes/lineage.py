"""Datasets, snapshots, models, runs, checkpoints, deployments and objects as the API shows them."""

from typing import Any

from rest_framework import serializers

from governance.jobs.models import BudgetCap
from governance.lineage.models import (
    Base,
    Checkpoint,
    Dataset,
    Deployment,
    Descent,
    Snapshot,
    TrainedModel,
    TrainingRun,
)
from governance.objects.models import StoredObject


def ref_of(**options: Any) -> serializers.SlugRelatedField[Any]:
    return serializers.SlugRelatedField(slug_field="ref", read_only=True, **options)


class DatasetShape(serializers.ModelSerializer[Dataset]):
    extractor = ref_of(allow_null=True)

    class Meta:
        model = Dataset
        fields = (
            "ref", "name", "kind", "feature_width", "rows_per_subject", "extractor", "public_extractor", "created_at",
        )  # fmt: skip
        read_only_fields = fields


class SnapshotShape(serializers.ModelSerializer[Snapshot]):
    dataset = ref_of()
    parent = ref_of(allow_null=True)  # type: ignore[assignment]

    class Meta:
        model = Snapshot
        fields = ("ref", "dataset", "parent", "object_digest", "root", "rows", "created_at", "destroyed_at")
        read_only_fields = fields


class BaseShape(serializers.ModelSerializer[Base]):
    class Meta:
        model = Base
        fields = ("ref", "name", "object_digest", "source", "architecture", "status", "created_at")
        read_only_fields = fields


class CapShape(serializers.ModelSerializer[BudgetCap]):
    class Meta:
        model = BudgetCap
        fields = ("mu", "delta")
        read_only_fields = fields


class ModelShape(serializers.ModelSerializer[TrainedModel]):
    dataset = ref_of(allow_null=True)
    holdout = ref_of(allow_null=True)
    cap = CapShape(read_only=True, allow_null=True)

    class Meta:
        model = TrainedModel
        fields = (
            "ref",
            "name",
            "dataset",
            "holdout",
            "engine",
            "problem",
            "public_inputs",
            "gaps",
            "cap",
            "created_at",
            "withdrawn_at",
        )
        read_only_fields = fields


class RunShape(serializers.ModelSerializer[TrainingRun]):
    model = ref_of()
    snapshot = ref_of(allow_null=True)
    jobs = ref_of(many=True)
    checkpoints = ref_of(many=True)

    class Meta:
        model = TrainingRun
        fields = ("ref", "model", "snapshot", "declared", "jobs", "checkpoints", "created_at")
        read_only_fields = fields


class DescentShape(serializers.ModelSerializer[Descent]):
    parent = ref_of()  # type: ignore[assignment]
    child = ref_of()

    class Meta:
        model = Descent
        fields = ("parent", "child", "kind")
        read_only_fields = fields


class CheckpointShape(serializers.ModelSerializer[Checkpoint]):
    model = ref_of()
    run = ref_of()

    class Meta:
        model = Checkpoint
        fields: tuple[str, ...] = ("ref", "model", "run", "status", "object_digest", "created_at", "destroyed_at")
        read_only_fields = fields


class CheckpointDetail(CheckpointShape):
    """With the ledger of everything that touched its line, and what it came from and led to."""

    ancestors = DescentShape(many=True, read_only=True)
    descendants = DescentShape(many=True, read_only=True)

    class Meta(CheckpointShape.Meta):
        fields = (*CheckpointShape.Meta.fields, "ledger", "ancestors", "descendants")
        read_only_fields = fields


class DeploymentShape(serializers.ModelSerializer[Deployment]):
    model = ref_of()

    class Meta:
        model = Deployment
        fields = ("ref", "name", "model", "serving", "reported_at")
        read_only_fields = fields


class PartShape(serializers.Serializer[Any]):
    path = serializers.CharField()
    digest = serializers.CharField()


class ObjectShape(serializers.ModelSerializer[StoredObject]):
    size_bytes = serializers.SerializerMethodField()

    def get_size_bytes(self, row: StoredObject) -> int | None:
        """None for rows: the object without somebody is smaller by as much as they had written."""
        return None if Snapshot.objects.filter(object_digest=row.digest).exists() else row.size_bytes

    class Meta:
        model = StoredObject
        fields: tuple[str, ...] = ("digest", "size_bytes", "created_at")
        read_only_fields = fields


class ObjectDetail(ObjectShape):
    parts = serializers.SerializerMethodField()

    class Meta(ObjectShape.Meta):
        fields = (*ObjectShape.Meta.fields, "parts")
        read_only_fields = fields

    def get_parts(self, row: StoredObject) -> list[dict[str, str]]:
        """The files of a folder object; empty for a single file."""
        rows = row.parts.select_related("file").order_by("path")
        return [{"path": part.path, "digest": part.file.digest} for part in rows]
