"""Signed heads and proofs as the API shows them. Bytes are standard base64."""

from typing import Any

from rest_framework import serializers


class HeadShape(serializers.Serializer[Any]):
    size = serializers.IntegerField()
    root = serializers.CharField(help_text="base64 of 32 bytes")  # type: ignore[assignment]
    note = serializers.CharField(help_text="C2SP signed note")
    at = serializers.DateTimeField()


class InclusionShape(serializers.Serializer[Any]):
    index = serializers.IntegerField()
    size = serializers.IntegerField(help_text="of the tree that the proof leads to")
    leaf = serializers.CharField(help_text="base64 of the canonical bytes that are hashed")
    proof = serializers.ListField(child=serializers.CharField(), help_text="RFC 9162 2.1.3.1")
    note = serializers.CharField(help_text="the signed head of that size")


class ConsistencyShape(serializers.Serializer[Any]):
    first = serializers.IntegerField()
    second = serializers.IntegerField()
    proof = serializers.ListField(child=serializers.CharField(), help_text="RFC 9162 2.1.4.1")


class TrustKey(serializers.Serializer[Any]):
    name = serializers.CharField()
    public_key = serializers.CharField()


class TrustShape(serializers.Serializer[Any]):
    format = serializers.CharField()
    tree_head = TrustKey(many=True)
    release = serializers.ListField(child=serializers.CharField())
