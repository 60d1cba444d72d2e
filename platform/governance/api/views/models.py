"""Models and the runs that train them."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from governance.actors import Actor
from governance.api.answers import created, listed, one
from governance.api.base import ApiView, parsed
from governance.api.describe import gives, gives_page
from governance.api.inputs import Withdrawal
from governance.api.lineage_inputs import NewModel, NewRecipe, NewTraining
from governance.api.shapes.lineage import ModelShape, RunShape
from governance.api.shapes.privacy import ModelPrivacyShape, model_json
from governance.jobs.privacy import model_history
from governance.lineage import services
from governance.lineage.models import Base, Dataset, Snapshot, TrainedModel, TrainingRun
from governance.releases.withdrawal import withdraw_model

MODELS = TrainedModel.objects.select_related("dataset", "cap", "holdout")
RUNS = TrainingRun.objects.select_related("model", "snapshot").prefetch_related("jobs", "checkpoints")


class Models(ApiView):
    @gives_page(ModelShape)
    def get(self, request: Request) -> Response:
        return listed(ModelShape, MODELS, request)

    @gives(ModelShape, status=201, takes=NewModel)
    def post(self, request: Request) -> Response:
        """Register a model with its whole problem, and the cap on B per person."""
        return created(ModelShape, registered(parsed(NewModel, request), self.actor), request)


def registered(asked: dict[str, Any], actor: Actor) -> TrainedModel:
    """The model, out of what NewModel read: references looked up, the tokenizer by its document or its digest."""
    digest = asked.pop("tokenizer_digest")
    asked["tokenizer"] = asked["tokenizer"] or digest
    asked["dataset"] = one(Dataset.objects.all(), ref=asked["dataset"])
    if asked["holdout"]:
        asked["holdout"] = one(Snapshot.objects.all(), ref=asked["holdout"])
    if asked["base"]:
        asked["base"] = one(Base.objects.all(), ref=asked["base"])
    return services.register_model(actor=actor, **asked)


class OneModel(ApiView):
    @gives(ModelShape)
    def get(self, request: Request, ref: str) -> Response:
        return Response(ModelShape(one(MODELS, ref=ref)).data)


class Privacy(ApiView):
    @gives(ModelPrivacyShape)
    def get(self, request: Request, ref: str) -> Response:
        """B of those still in the model after each training, release and deletion; B and A of those who left."""
        model: TrainedModel = one(MODELS, ref=ref)
        return Response(ModelPrivacyShape(model_json(model, model_history(model))).data)


class TrainingRuns(ApiView):
    @gives_page(RunShape)
    def get(self, request: Request, ref: str) -> Response:
        model: TrainedModel = one(MODELS, ref=ref)
        return listed(RunShape, RUNS.filter(model=model), request)

    @gives(RunShape, status=201, takes=NewTraining)
    def post(self, request: Request, ref: str) -> Response:
        """Train on a snapshot: by the model's engine, or by the owner's own command when one is given."""
        return created(RunShape, trained(one(MODELS, ref=ref), parsed(NewTraining, request), self.actor), request)


def trained(model: TrainedModel, asked: dict[str, Any], actor: Actor) -> TrainingRun:
    """The run that was queued, out of what NewTraining read."""
    snapshot: Snapshot = one(Snapshot.objects.all(), ref=asked["snapshot"])
    if "command" in asked:
        told = {"command": asked["command"], "timeout_s": asked["timeout_s"]}
        return services.train_by_recipe(model=model, snapshot=snapshot, actor=actor, **told)
    return services.start_training(model=model, snapshot=snapshot, actor=actor)


class Recipe(ApiView):
    @gives(ModelShape, takes=NewRecipe)
    def post(self, request: Request, ref: str) -> Response:
        """Fix how a model from elsewhere is retrained: the owner's command, once."""
        asked = parsed(NewRecipe, request)
        services.fix_recipe(model=one(MODELS, ref=ref), actor=self.actor, **asked)
        return Response(ModelShape(one(MODELS, ref=ref)).data)


class Withdraw(ApiView):
    @gives(ModelShape, takes=Withdrawal)
    def post(self, request: Request, ref: str) -> Response:
        """Give a model up for good: its weights go once no deployment serves them. Nothing stands in the way of it."""
        asked = parsed(Withdrawal, request)
        withdraw_model(model=one(MODELS, ref=ref), reason=asked["reason"], actor=self.actor)
        return Response(ModelShape(one(MODELS, ref=ref)).data)
