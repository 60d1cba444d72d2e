"""What a body may hold. A field nobody knows is refused: a typing error must not pass as consent to a default."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers


class Strict(serializers.Serializer[Any]):
    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = sorted(str(name) for name in set(data) - set(self.fields))
            if unknown:
                said = f"is not known here; this route takes {', '.join(sorted(self.fields)) or 'an empty body'}."
                raise serializers.ValidationError({name: [said] for name in unknown}, code="unknown_field")
        return super().to_internal_value(data)


class Empty(Strict):
    """A POST that needs no words."""


class NewJob(Strict):
    """Only the engine that touches nobody's data may be run by hand."""

    engine = serializers.ChoiceField(choices=["noop"])
    params = serializers.DictField(required=False, default=dict)
