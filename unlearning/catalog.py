"""Every engine by name, with the parameters it takes: the web process reads this, so nothing here imports torch."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from unlearning import parameters
from unlearning.parameters.language_scope import scope_rules as scope_rules


@dataclass(frozen=True)
class EngineSpec:
    """What the platform may know of an engine without loading it.

    rung: how strong a claim its result supports ("none" when it makes no claim).
    resumable: whether a second attempt may continue the first. seeded: whether a seed reproduces the result.
    module: where the runner finds `run(job)`.
    """

    name: str
    rung: str
    resumable: bool
    seeded: bool
    parameters: Mapping[str, Any]
    sentence: str
    module: str


class UnknownEngineError(LookupError):
    """No engine of that name. Choose one of the names in the message."""


class WrongParamsError(ValueError):
    """Some parameters do not fit the engine's schema; `problems` lists every one. Correct them and ask again."""

    def __init__(self, engine: str, problems: list[str]) -> None:
        self.engine = engine
        self.problems = problems
        super().__init__(f"{engine}: {len(problems)} wrong parameter(s): " + "; ".join(problems))


ENGINES: dict[str, EngineSpec] = {
    spec.name: spec
    for spec in (
        EngineSpec(
            "noop",
            rung="none",
            resumable=False,
            seeded=False,
            parameters=parameters.NOOP,
            sentence="Counts steps and draws 32 random bytes: for drills and for watching a long job.",
            module="unlearning.noop",
        ),
        EngineSpec(
            "certified.train",
            rung="retrained",
            resumable=False,
            seeded=False,
            parameters=parameters.CERTIFIED,
            sentence="Trains an L2-regularised logistic model by noisy gradient descent, with a ledger.",
            module="unlearning.certified.train",
        ),
        EngineSpec(
            "certified.delete",
            rung="unlearned_certified",
            resumable=False,
            seeded=False,
            parameters=parameters.CERTIFIED,
            sentence="Deletes rows from a certified model by noisy gradient descent on the rows that remain.",
            module="unlearning.certified.delete",
        ),
        EngineSpec(
            "certified.insert",
            rung="retrained",
            resumable=False,
            seeded=False,
            parameters=parameters.CERTIFIED,
            sentence="Adds rows to a certified model by noisy gradient descent on all rows, with a ledger.",
            module="unlearning.certified.insert",
        ),
        EngineSpec(
            "train.plain",
            rung="none",
            resumable=False,
            seeded=True,
            parameters=parameters.PLAIN,
            sentence="Trains an ordinary logistic model without noise; it carries no certificate.",
            module="unlearning.classifiers.plain",
        ),
        EngineSpec(
            "classifier.train",
            rung="none",
            resumable=False,
            seeded=True,
            parameters=parameters.CLASSIFIER_TRAIN,
            sentence="Trains a network on a table or on pictures, without noise; it carries no certificate.",
            module="unlearning.classifiers.train",
        ),
        EngineSpec(
            "classifier.references",
            rung="none",
            resumable=False,
            seeded=True,
            parameters=parameters.CLASSIFIER_REFERENCES,
            sentence="Trains the same network from several seeds at once: the controls of a verification.",
            module="unlearning.classifiers.references",
        ),
        EngineSpec(
            "classifier.unlearn",
            rung="unlearned_approximately",
            resumable=False,
            seeded=True,
            parameters=parameters.CLASSIFIER_UNLEARN,
            sentence="Makes a network forget rows by one of eight methods; whether it did, an attack must judge.",
            module="unlearning.classifiers.unlearn",
        ),
        EngineSpec(
            "classifier.shadows",
            rung="none",
            resumable=False,
            seeded=True,
            parameters=parameters.CLASSIFIER_SHADOWS,
            sentence="Trains networks on random halves, and may let them unlearn: what membership tests compare with.",
            module="unlearning.verification.members.shadow_engine",
        ),
        EngineSpec(
            "language.train",
            rung="none",
            resumable=False,
            seeded=True,
            parameters=parameters.LANGUAGE_TRAIN,
            sentence="Trains a language model or an adapter on questions and answers; it carries no certificate.",
            module="unlearning.language.train",
        ),
        EngineSpec(
            "language.references",
            rung="none",
            resumable=False,
            seeded=True,
            parameters=parameters.LANGUAGE_REFERENCES,
            sentence="Trains the same language model from several seeds at once: the controls of a verification.",
            module="unlearning.language.references",
        ),
        EngineSpec(
            "recipe",
            rung="retrained",
            resumable=False,
            seeded=True,
            parameters=parameters.RECIPE,
            sentence="Runs the owner's own training command on a snapshot and takes back safe model files only.",
            module="unlearning.recipe.engine",
        ),
        EngineSpec(
            "generator.train",
            rung="none",
            resumable=False,
            seeded=True,
            parameters=parameters.GENERATOR_TRAIN,
            sentence="Trains a small generator that draws pictures of a label or completes a masked one.",
            module="unlearning.verification.generators.train_engine",
        ),
        EngineSpec(
            "language.unlearn",
            rung="unlearned_approximately",
            resumable=True,
            seeded=True,
            parameters=parameters.LANGUAGE_UNLEARN,
            sentence="Makes a language model forget texts by one of eight methods; if it did, an attack must say.",
            module="unlearning.language.unlearn",
        ),
        EngineSpec(
            "language.drop",
            rung="retrained",
            resumable=False,
            seeded=True,
            parameters=parameters.LANGUAGE_DROP,
            sentence="Leaves out adapters that alone were trained on some rows; refuses wherever others saw them too.",
            module="unlearning.language.drop",
        ),
        EngineSpec(
            "language.retrain_adapter",
            rung="retrained",
            resumable=False,
            seeded=True,
            parameters=parameters.LANGUAGE_RETRAIN_ADAPTER,
            sentence="Trains anew only the adapters that learned some rows, on what is left of their groups.",
            module="unlearning.language.retrain_adapter",
        ),
        EngineSpec(
            "verify.generator",
            rung="none",
            resumable=False,
            seeded=True,
            parameters=parameters.VERIFY_GENERATOR,
            sentence="Searches a generator for a deleted class or for deleted pictures, beside its controls.",
            module="unlearning.verification.generators.engine",
        ),
        EngineSpec(
            "verify.language",
            rung="none",
            resumable=False,
            seeded=True,
            parameters=parameters.VERIFY_LANGUAGE,
            sentence="Scores and attacks a language model for what it still knows, beside its controls.",
            module="unlearning.verification.language.engine",
        ),
        EngineSpec(
            "verify.linear",
            rung="none",
            resumable=False,
            seeded=True,
            parameters=parameters.VERIFY_LINEAR,
            sentence="Attacks a linear model in closed form for what it still knows, beside its controls.",
            module="unlearning.verification.engine",
        ),
        EngineSpec(
            "verify.network",
            rung="none",
            resumable=False,
            seeded=True,
            parameters=parameters.VERIFY_NETWORK,
            sentence="Attacks and probes a network for what it still knows, beside its controls.",
            module="unlearning.verification.network_engine",
        ),
        EngineSpec(
            "verify.witness",
            rung="none",
            resumable=False,
            seeded=True,
            parameters=parameters.VERIFY_WITNESS,
            sentence="Tests from weights and retained rows that the ledger's noise and steps were really there.",
            module="unlearning.witness.engine",
        ),
    )
}


def engine_spec(name: str) -> EngineSpec:
    """Look an engine up by name.

    Raises: UnknownEngineError.
    """
    if name not in ENGINES:
        raise UnknownEngineError(f"expected one of {', '.join(sorted(ENGINES))}; got {name!r}")
    return ENGINES[name]


def validate_params(engine: str, params: Mapping[str, Any]) -> None:
    """Check parameters against the engine's schema and list every fault at once.

    Raises: UnknownEngineError, WrongParamsError.
    """
    from jsonschema import Draft202012Validator  # costs a tenth of a second, and most importers never validate

    found = sorted(
        Draft202012Validator(engine_spec(engine).parameters).iter_errors(params), key=lambda error: list(error.path)
    )
    problems = [f"{'.'.join(map(str, error.path)) or 'params'}: {error.message}" for error in found]
    # NaN passes every comparison of a schema; no database and no command line takes the character 0.
    problems += _unusable("", params)
    if problems:
        raise WrongParamsError(engine, problems)


def with_defaults(engine: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in the defaults that the schema declares, those of the chosen method among them; validate first."""
    schema = engine_spec(engine).parameters
    declared = dict(schema["properties"])
    for branch in schema.get("allOf", ()):
        if all(params.get(name) == entry["const"] for name, entry in branch["if"]["properties"].items()):
            declared |= branch["then"]["properties"]
    return {name: entry["default"] for name, entry in declared.items() if "default" in entry} | dict(params)


def preset(name: str) -> dict[str, Any]:
    """Recommended parameters for `certified.train` on a bundled data set ("breast-cancer" or "digits").

    The centres and scales are round figures after the data sets' published descriptions and stand in for a textbook's;
    a controller with real patients takes them from outside the data.
    Raises: FileNotFoundError.
    """
    document: dict[str, Any] = json.loads(files("unlearning").joinpath("presets", f"{name}.json").read_text("utf-8"))
    return document


# Of one made person no more texts can be drawn: so many kinds of question there are.
MOST_MADE_TEXTS = 20


def made_people(*, people: int, texts: int, seed: int) -> list[list[dict[str, Any]]]:
    """Texts of people who do not exist: of each `texts` rows {prompt, answer, paraphrase, restated, wrong}.

    Public words and the seed alone; whoever keeps the seed secret keeps it secret who is drawn.
    Raises: ValueError when more texts are asked for than MOST_MADE_TEXTS, or fewer than one.
    """
    from unlearning.language.author_drawing import names, texts_of  # words that few importers need

    if not 1 <= texts <= MOST_MADE_TEXTS:
        raise ValueError(f"expected 1 to {MOST_MADE_TEXTS} texts of each, got {texts}; ask for fewer")
    return [texts_of(name, questions=texts, seed=seed) for name in names(f"{seed}", people)]


def _unusable(path: str, value: Any) -> Iterator[str]:
    if isinstance(value, float) and not math.isfinite(value):
        yield f"{path}: expected a finite number, got {value!r}"
    elif isinstance(value, str) and "\0" in value:
        yield f"{path}: expected a text without the character 0"
    elif isinstance(value, Mapping):
        for key, child in value.items():
            yield from _unusable(f"{path}.{key}".lstrip("."), child)
    elif isinstance(value, list | tuple):
        for index, child in enumerate(value):
            yield from _unusable(f"{path}.{index}".lstrip("."), child)
