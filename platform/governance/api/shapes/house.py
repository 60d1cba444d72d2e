"""The catalog as the API shows it."""

from typing import Any

from rest_framework import serializers


class EngineShape(serializers.Serializer[Any]):
    name = serializers.CharField()
    rung = serializers.CharField()
    resumable = serializers.BooleanField()
    seeded = serializers.BooleanField()
    sentence = serializers.CharField()
    parameters = serializers.DictField(help_text="JSON Schema 2020-12")


class CatalogShape(serializers.Serializer[Any]):
    engines = EngineShape(many=True)
