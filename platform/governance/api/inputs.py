"""What a body may hold. A field nobody knows is refused: a typing error must not pass as consent to a default."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

MOST = 2**31 - 1
DIGEST = r"^sha256:[0-9a-f]{64}$"


class Strict(serializers.Serializer[Any]):
    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = sorted(str(name) for name in set(data) - set(self.fields))
            if unknown:
                said = f"is not known here; this route takes {', '.join(sorted(self.fields)) or 'an empty body'}."
                raise serializers.ValidationError({name: [said] for name in unknown}, code="unknown_field")
        return super().to_internal_value(data)


class RefField(serializers.RegexField):
    """A reference with its prefix: `RefField("ds")`."""

    def __init__(self, prefix: str, **options: Any) -> None:
        super().__init__(rf"^{prefix}_[0-9a-f]{{32}}$", **options)


class Empty(Strict):
    """A POST that needs no words."""


class Climbing(Strict):
    """Whereto: the next planned method (retraining, where none is left), or retraining at once."""

    to = serializers.ChoiceField(choices=["next", "retraining"], required=False, default="next")


class NewJob(Strict):
    """Only the engine that touches nobody's data may be run by hand."""

    engine = serializers.ChoiceField(choices=["noop"])
    params = serializers.DictField(required=False, default=dict)


class NewPlan(Strict):
    model = RefField("mdl")
    policy = RefField("pol")


class NewPolicy(Strict):
    name = serializers.RegexField(r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,59}$")
    body = serializers.DictField(help_text="obelus/policy/1")


class NewRelease(Strict):
    checkpoint = RefField("ckpt")
    policy = RefField("pol")


class Withdrawal(Strict):
    reason = serializers.CharField(max_length=200)


class Finding(Strict):
    """Why an alarm was false; sealed under the case key."""

    finding = serializers.CharField(max_length=4000)
