"""The parameter schemas of the engines (JSON Schema 2020-12), kept apart from the catalog so that both stay short."""

from unlearning.parameters.generators import GENERATOR_TRAIN, VERIFY_GENERATOR
from unlearning.parameters.language import LANGUAGE_REFERENCES, LANGUAGE_TRAIN
from unlearning.parameters.language_dropping import LANGUAGE_DROP
from unlearning.parameters.language_methods import LANGUAGE_UNLEARN
from unlearning.parameters.language_retraining import LANGUAGE_RETRAIN_ADAPTER
from unlearning.parameters.language_verifying import VERIFY_LANGUAGE
from unlearning.parameters.linear import CERTIFIED, PLAIN
from unlearning.parameters.networks import (
    CLASSIFIER_REFERENCES,
    CLASSIFIER_SHADOWS,
    CLASSIFIER_TRAIN,
    CLASSIFIER_UNLEARN,
)
from unlearning.parameters.running import NOOP, RECIPE
from unlearning.parameters.verifying import VERIFY_LINEAR, VERIFY_NETWORK, VERIFY_WITNESS

__all__ = [
    "CERTIFIED",
    "CLASSIFIER_REFERENCES",
    "CLASSIFIER_SHADOWS",
    "CLASSIFIER_TRAIN",
    "CLASSIFIER_UNLEARN",
    "GENERATOR_TRAIN",
    "LANGUAGE_DROP",
    "LANGUAGE_REFERENCES",
    "LANGUAGE_RETRAIN_ADAPTER",
    "LANGUAGE_TRAIN",
    "LANGUAGE_UNLEARN",
    "NOOP",
    "PLAIN",
    "RECIPE",
    "VERIFY_GENERATOR",
    "VERIFY_LANGUAGE",
    "VERIFY_LINEAR",
    "VERIFY_NETWORK",
    "VERIFY_WITNESS",
]
