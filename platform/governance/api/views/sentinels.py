"""Sentinels: an auditor plants them, sends half of them to ask, and opens the list; everybody reads what was found."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.answers import listed, one
from governance.api.base import ApiView, parsed
from governance.api.describe import gives, gives_page
from governance.api.inputs import Empty, Strict
from governance.api.shapes.verification import ErrandShape, RetestShape, SentinelSetDetail, SentinelSetShape
from governance.lineage.models import Dataset, TrainedModel
from governance.verification import sentinels
from governance.verification.models import SentinelRetest, SentinelSet

SETS = SentinelSet.objects.select_related("dataset")


class NewSentinels(Strict):
    """`like`: how identifiers look here, # for each digit to be drawn. `constants`: as in a model's problem."""

    kind = serializers.ChoiceField(choices=SentinelSet.Kind.choices)
    count = serializers.IntegerField(min_value=sentinels.FEWEST, max_value=sentinels.MOST)
    like = serializers.CharField(max_length=200)
    constants = serializers.DictField(required=False, allow_null=True, default=None)
    level = serializers.FloatField(required=False, default=sentinels.LEVEL)


class Sentinels(ApiView):
    @gives_page(SentinelSetShape)
    def get(self, request: Request, ref: str) -> Response:
        home: Dataset = one(Dataset.objects.all(), ref=ref)
        return listed(SentinelSetShape, SETS.filter(dataset=home), request)

    @gives(SentinelSetShape, status=201, takes=NewSentinels)
    def post(self, request: Request, ref: str) -> Response:
        """Plant sentinels, before anything is trained: they join the next upload, and only the commitment is open."""
        asked = parsed(NewSentinels, request)
        home: Dataset = one(Dataset.objects.all(), ref=ref)
        row = sentinels.plant(dataset=home, actor=self.actor, **asked)
        where = f"/api/v1/sentinels/{row.ref}"
        return Response(SentinelSetShape(row).data, status=201, headers={"Location": where})


class OneSet(ApiView):
    @gives(SentinelSetDetail)
    def get(self, request: Request, ref: str) -> Response:
        return Response(SentinelSetDetail(one(SETS, ref=ref)).data)


class Errand(ApiView):
    @gives(ErrandShape)
    def get(self, request: Request, ref: str) -> Response:
        """Whom to ask for, as people ask: each look is written into the log."""
        row: SentinelSet = one(SETS, ref=ref)
        names = sentinels.errand(sentinels=row, actor=self.actor)
        answer = Response(ErrandShape({"set": row.ref, "identifiers": names}).data)
        answer["Cache-Control"] = "no-store"
        return answer


class Reveal(ApiView):
    @gives(SentinelSetDetail, takes=Empty)
    def post(self, request: Request, ref: str) -> Response:
        """Open every leaf for everybody. Nothing is tested with this set afterwards."""
        parsed(Empty, request)
        sentinels.reveal(sentinels=one(SETS, ref=ref), actor=self.actor)
        return Response(SentinelSetDetail(one(SETS, ref=ref)).data)


class OfModel(ApiView):
    @gives_page(RetestShape)
    def get(self, request: Request, ref: str) -> Response:
        """What each release of this model still knew of the sentinels in its data."""
        model: TrainedModel = one(TrainedModel.objects.all(), ref=ref)
        rows = SentinelRetest.objects.filter(checkpoint__model=model).select_related("sentinels", "checkpoint")
        return listed(RetestShape, rows, request)
