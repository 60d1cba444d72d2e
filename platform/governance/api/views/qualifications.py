"""Qualifications of a recipe: begun by an officer or an operator, read by everybody."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.answers import created, listed, one
from governance.api.base import ApiView, parsed
from governance.api.describe import gives, gives_page
from governance.api.inputs import RefField, Strict
from governance.api.shapes.qualifications import QualificationShape
from governance.lineage.models import Snapshot, TrainedModel
from governance.verification.models import Policy, QualificationRun
from governance.verification.qualifying import qualify
from governance.verification.trial_jobs import RETRAINED

RUNS = QualificationRun.objects.select_related("policy", "snapshot", "holdout")


class NewQualification(Strict):
    """`snapshot` holds public rows, some planted. One of `problem`, parameters of classifier.train or language.train,
    and `model`, whose problem, tokenizer and base are taken over and no row of it. `control`: "retrained" also
    attacks a model that was retrained without the planted rows; it costs one training and one attack more."""

    policy = RefField("pol")
    snapshot = RefField("snap")
    holdout = RefField("snap")
    problem = serializers.DictField(required=False)
    model = RefField("mdl", required=False)
    control = serializers.ChoiceField(choices=[RETRAINED], required=False)

    def validate(self, asked: dict[str, Any]) -> dict[str, Any]:
        if ("problem" in asked) == ("model" in asked):
            raise serializers.ValidationError("Give a problem, or a model to take it from; one of the two.")
        return asked


class Qualifications(ApiView):
    @gives_page(QualificationShape)
    def get(self, request: Request) -> Response:
        return listed(QualificationShape, RUNS, request)

    @gives(QualificationShape, status=201, takes=NewQualification)
    def post(self, request: Request) -> Response:
        """Try the policy's method on public or consenting rows; you answer for their being so."""
        asked = parsed(NewQualification, request)
        run = qualify(
            **like(asked),
            policy=one(Policy.objects.all(), ref=asked["policy"]),
            snapshot=one(Snapshot.objects.all(), ref=asked["snapshot"]),
            holdout=one(Snapshot.objects.all(), ref=asked["holdout"]),
            actor=self.actor,
            control=asked.get("control"),
        )
        return created(QualificationShape, run, request)


def like(asked: dict[str, Any]) -> dict[str, Any]:
    """What the trial's model is to be like."""
    if "problem" in asked:
        return {"problem": asked["problem"]}
    model: TrainedModel = one(TrainedModel.objects.all(), ref=asked["model"])
    return {"problem": model.problem, "public_inputs": model.public_inputs}


class OneQualification(ApiView):
    @gives(QualificationShape)
    def get(self, request: Request, ref: str) -> Response:
        return Response(QualificationShape(one(RUNS, ref=ref)).data)
