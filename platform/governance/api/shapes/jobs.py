"""Jobs as the API shows them: state, progress as the runner reports it, and what ended it."""

from typing import Any

from rest_framework import serializers

from governance.jobs.models import Attempt, Job


class AttemptShape(serializers.ModelSerializer[Attempt]):
    class Meta:
        model = Attempt
        fields = ("number", "started_at", "ended_at", "outcome", "cause")
        read_only_fields = fields


class JobShape(serializers.ModelSerializer[Job]):
    plan = serializers.SlugRelatedField[Any](slug_field="ref", read_only=True, allow_null=True)

    class Meta:
        model = Job
        fields: tuple[str, ...] = (
            "ref",
            "engine",
            "purpose",
            "plan",
            "status",
            "attempt",
            "failures",
            "max_attempts",
            "cancel_requested",
            "phase",
            "step",
            "steps",
            "rate",
            "code",
            "message",
            "spec_digest",
            "weights",
            "created_at",
            "heartbeat_at",
            "ended_at",
        )
        read_only_fields = fields


class JobDetail(JobShape):
    attempts = AttemptShape(many=True, read_only=True)

    class Meta(JobShape.Meta):
        fields = (*JobShape.Meta.fields, "attempts")
        read_only_fields = fields
