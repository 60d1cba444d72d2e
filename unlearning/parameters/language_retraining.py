"""Parameters of the engine that trains the adapters of some groups anew."""

from __future__ import annotations

from unlearning.parameters.language import LANGUAGE, TRAINING
from unlearning.parameters.language_dropping import LANGUAGE_DROP
from unlearning.parameters.shapes import SEED, closed

LANGUAGE_RETRAIN_ADAPTER = closed(
    {
        **LANGUAGE,
        **TRAINING,
        "seed": {**SEED, "default": 0, "description": "of the training that made the model: the start of each adapter"},
        "parts": {
            **TRAINING["parts"],
            "description": "rows of `kept` that each of these adapters learns anew; one that is not here has none left",
        },
        **LANGUAGE_DROP["properties"],
        "adapters": {
            **LANGUAGE_DROP["properties"]["adapters"],
            "description": "names of the adapters that learned the rows: trained anew, or gone where nothing is left",
        },
    },
    required=("epochs", "adapter", "parts", "adapters", "origins"),
)
