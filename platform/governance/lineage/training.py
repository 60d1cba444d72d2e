"""Models, the runs that train them here, and the checkpoints that come back."""

import math
from typing import Any

from django.db import IntegrityError, transaction

from evidence.canonical import as_hashed, digest_json
from governance.actors import Actor
from governance.audit.models import Event
from governance.audit.services import append
from governance.errors import Conflict, Destroyed, Invalid
from governance.jobs.models import BudgetCap, Job
from governance.jobs.submission import submit
from governance.lineage.adapters import parts_param
from governance.lineage.bases import base_input, require_standing
from governance.lineage.extractors import require_certifiable
from governance.lineage.forms import form_of
from governance.lineage.models import Base, Dataset, Snapshot, TrainedModel, TrainingRun
from governance.lineage.tokenizers import public_tokenizer
from unlearning.accounting import GdpBound
from unlearning.catalog import validate_params

# Engines of language models are the only ones that read texts; the owner's own command reads features.
LANGUAGE = "language."


@transaction.atomic
def register_model(
    *,
    name: str,
    dataset: Dataset,
    engine: str,
    problem: dict[str, Any],
    cap_mu: float | None,
    cap_delta: float | None,
    actor: Actor,
    holdout: Snapshot | None = None,
    tokenizer: dict[str, Any] | str | None = None,
    base: Base | None = None,
) -> TrainedModel:
    """Fix a model's problem, all of it public, before any data is read; it never changes afterwards.

    `holdout` holds people who consented to be tested on and are in no model: verification compares with them.
    `tokenizer`: of a language model, a public document or the digest of one (tokenizers.py). `base`: what each of its
    trainings starts from, with a tokenizer of its own (bases.py).

    Raises:
        Invalid: bad_parameters, wrong_kind, wrong_width, cap_below_dataset, bad_cap, bad_holdout, bad_tokenizer,
        bad_base, base_missing.
        Conflict: name_taken. NotFound: no such tokenizer.
    """
    check_problem(engine, problem, dataset)
    problem = as_hashed(problem)
    check_cap(cap_mu, cap_delta)
    check_holdout(holdout, dataset)
    started = base_input(base, engine=engine, problem=problem, tokenizer=tokenizer)
    model = named(name, dataset=dataset, engine=engine, problem=problem, holdout=holdout)
    model.public_inputs = started or public_tokenizer(tokenizer, engine=engine, owner=model.ref)
    model.save(update_fields=["public_inputs"])
    if cap_mu is not None and cap_delta is not None:
        BudgetCap.make(model=model, mu=cap_mu, delta=cap_delta)
    body: dict[str, Any] = {"model": model.ref, "dataset": dataset.ref, "engine": engine, "problem": problem}
    if cap_mu is not None:
        body |= {"cap_mu": cap_mu, "cap_delta": cap_delta}
    if model.public_inputs:
        body["public_inputs"] = model.public_inputs
    append(Event.MODEL_REGISTERED, thread=model.ref, actor=actor, body=body)
    return model


def named(name: str, **fields: Any) -> TrainedModel:
    try:
        with transaction.atomic():
            return TrainedModel.objects.create(name=name, **fields)
    except IntegrityError as error:
        raise Conflict("There is already a model of that name.", code="name_taken") from error


def check_problem(engine: str, problem: dict[str, Any], dataset: Dataset) -> None:
    check_kind(engine, dataset)
    try:
        validate_params(engine, problem)
    except (LookupError, ValueError) as error:
        raise Invalid(
            str(error), code="bad_parameters", remedy="See the engine's parameters in the catalog."
        ) from error
    if "parts" in problem:
        raise Invalid(
            "Which rows an adapter learns follows from whose they are; a model cannot fix it beforehand.",
            code="bad_parameters",
            remedy="Say how many groups (adapter.groups), and leave the parts to each training.",
        )
    for constant in ("centres", "scales"):
        given = problem.get(constant)
        # A network may have one constant for all its features.
        if isinstance(given, list) and len(given) not in widths(engine, dataset):
            raise Invalid(
                f"{constant} holds {len(given)} numbers; the dataset has {dataset.feature_width} features.",
                code="wrong_width",
                remedy="Give one public constant for each feature.",
            )
    if "shape" in problem and math.prod(problem["shape"]) != dataset.feature_width:
        raise Invalid(
            f"A network of shape {problem['shape']} takes {math.prod(problem['shape'])} features; the dataset has "
            f"{dataset.feature_width}.",
            code="wrong_width",
            remedy="Give the shape of one row of this dataset.",
        )
    if problem.get("contribution_cap", dataset.rows_per_subject) < dataset.rows_per_subject:
        raise Invalid(
            f"contribution_cap is {problem['contribution_cap']}, but the dataset allows {dataset.rows_per_subject} "
            "rows per person; what a person costs would be counted too low.",
            code="cap_below_dataset",
            remedy="Use the dataset's cap, or a higher one.",
        )


def check_kind(engine: str, dataset: Dataset) -> None:
    if engine.startswith(LANGUAGE) != (dataset.kind == "texts"):
        raise Invalid(
            f"Engine {engine!r} does not learn from a dataset of {dataset.kind}.",
            code="wrong_kind",
            remedy="Language models learn from texts, and all others from features.",
        )


def widths(engine: str, dataset: Dataset) -> tuple[int, ...]:
    """How many centres or scales an engine takes."""
    return (1, dataset.feature_width) if engine.startswith("classifier.") else (dataset.feature_width,)


def check_cap(mu: float | None, delta: float | None) -> None:
    if mu is None and delta is None:
        return
    if mu is None or delta is None or not (mu > 0 and 0 < delta < 1 and math.isfinite(GdpBound(mu).epsilon(delta))):
        raise Invalid(
            "A cap needs a mu above 0 and a delta between 0 and 1 that make a finite epsilon.",
            code="bad_cap",
            remedy="Give both numbers, or neither.",
        )


def check_holdout(holdout: Snapshot | None, dataset: Dataset) -> None:
    if holdout is None:
        return
    home = holdout.dataset
    if home == dataset or (home.kind, home.feature_width) != (dataset.kind, dataset.feature_width):
        raise Invalid(
            "The holdout must be a snapshot of another dataset of the same kind and number of features.",
            code="bad_holdout",
            remedy="Register never-seen people as a dataset of their own; no model may learn from them.",
        )


@transaction.atomic
def start_training(*, model: TrainedModel, snapshot: Snapshot, actor: Actor) -> TrainingRun:
    """Queue the training of a model on all rows of a snapshot; jobs.outcomes makes the checkpoint.

    Raises:
        Invalid: wrong_dataset, bad_parameters. Conflict: snapshot_holds_erased. Destroyed: the snapshot is gone.
        NotCertifiable: see extractors.require_certifiable; base_retracted.
    """
    return queue(model, snapshot, training_on(model, snapshot), actor=actor)


@transaction.atomic
def train_by_recipe(
    *, model: TrainedModel, snapshot: Snapshot, command: list[str], timeout_s: float, actor: Actor
) -> TrainingRun:
    """Queue the owner's own training command on a snapshot (engine `recipe`).

    Raises: as `start_training`.
    """
    check_kind("recipe", snapshot.dataset)
    params = {"command": command, "timeout_s": timeout_s, "seed": 0}
    return queue(model, snapshot, {**training_on(model, snapshot), "engine": "recipe", "params": params}, actor=actor)


def training_on(model: TrainedModel, snapshot: Snapshot) -> dict[str, Any]:
    """Engine, parameters, inputs and manifests of a training on all rows of a snapshot."""
    name = form_of(snapshot.dataset).input
    return {
        "engine": model.engine,
        "params": {**model.problem, **parts_param(model.problem, snapshot)},
        "inputs": {name: snapshot.object_digest, **model.public_inputs},
        "manifests": {"retain": {name: list(range(snapshot.rows))}},
    }


def queue(model: TrainedModel, snapshot: Snapshot, recipe: dict[str, Any], *, actor: Actor) -> TrainingRun:
    require_standing(model.public_inputs)
    check_trainable(model, snapshot)
    require_certifiable(model, snapshot, engine=recipe["engine"])
    run = TrainingRun.objects.create(model=model, snapshot=snapshot)
    submit(**recipe, purpose=Job.Purpose.TRAIN, run=run, actor=actor)
    return run


def check_trainable(model: TrainedModel, snapshot: Snapshot) -> None:
    if model.withdrawn_at is not None:
        raise Conflict(f"Model {model.ref} was withdrawn.", code="model_withdrawn", remedy="Register a new model.")
    if snapshot.destroyed_at is not None:
        raise Destroyed(f"Snapshot {snapshot.ref} was destroyed.", remedy="Train on a later snapshot.")
    if model.dataset_id != snapshot.dataset_id:
        raise Invalid(
            f"Snapshot {snapshot.ref} is of another dataset than model {model.ref}.",
            code="wrong_dataset",
            remedy="Choose a snapshot of the model's own dataset.",
        )
    asking = ("scoped", "in_progress")
    if snapshot.members.filter(record__subject__requests__status__in=asking).exists():
        raise Conflict(
            f"Snapshot {snapshot.ref} holds people whose erasure is under way.",
            code="snapshot_under_erasure",
            remedy="Train on a snapshot without them, or wait until their plans are done.",
        )
    if snapshot.members.filter(record__erased_at__isnull=False).exists():
        raise Conflict(
            f"Snapshot {snapshot.ref} holds erased records.",
            code="snapshot_holds_erased",
            remedy="Train on a snapshot without them.",
        )


@transaction.atomic
def fix_recipe(*, model: TrainedModel, command: list[str], timeout_s: float, actor: Actor) -> TrainedModel:
    """Fix the owner's own training command of a model that came from elsewhere; once, before any plan needs it.

    Raises:
        Conflict: recipe_fixed: it has one, or it is trained by an engine of ours. Invalid: bad_parameters, wrong_kind.
    """
    row = TrainedModel.objects.select_for_update().get(pk=model.pk)
    if row.engine != "recipe" or row.problem:
        raise Conflict(f"How model {row.ref} is trained is fixed already.", code="recipe_fixed")
    if row.dataset is not None:
        check_kind("recipe", row.dataset)
    problem = {"command": command, "timeout_s": timeout_s, "seed": 0}
    try:
        validate_params("recipe", problem)
    except ValueError as error:
        raise Invalid(str(error), code="bad_parameters", remedy="See the engine 'recipe' in the catalog.") from error
    TrainedModel.objects.filter(pk=row.pk).update(problem=problem)
    append(Event.MODEL_REGISTERED, thread=row.ref, actor=actor, body={"model": row.ref, "recipe": digest_json(problem)})
    row.refresh_from_db()
    return row
