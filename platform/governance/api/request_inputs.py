"""Bodies about erasure requests. The identifier of a person travels in a body only, never in a URL."""

from rest_framework import serializers

from governance.api.inputs import Strict
from governance.intake.closing import LONGEST_REASON
from governance.intake.grounds import GROUNDS, METHODS
from governance.lineage.identifiers import LONGEST


class NewRequest(Strict):
    subject = serializers.CharField(max_length=LONGEST, help_text="the identifier the datasets know the person by")
    law = serializers.CharField(max_length=40, help_text="a regime pack, for example gdpr")
    received_at = serializers.DateTimeField(required=False, help_text="when it came, if not now")


class Identity(Strict):
    method = serializers.ChoiceField(choices=sorted(METHODS.items()))


class Refusal(Strict):
    ground = serializers.ChoiceField(choices=sorted(GROUNDS.items()))
    reason = serializers.CharField(max_length=LONGEST_REASON, help_text="in words for the person; sealed")
