"""The options of each method of classifier.unlearn and their defaults, here so that the platform needs no torch.

The defaults come from benchmarks/results/classifier-sweep.md (digits, records task). They were chosen by the distance
to a retrained model on test accuracy, forget accuracy and a membership gap, never by what an attack recovers.
"""

from __future__ import annotations

from typing import Any

from unlearning.parameters.shapes import Schema, count, positive

OPTIONS: dict[str, Schema] = {
    "epochs": count("passes over the rows to keep (gradient_ascent: at most so many over the others)", most=10_000),
    "batch": count("rows per step, of each side", most=1_000_000),
    "lr": positive("step size"),
    "stop_accuracy": {
        "type": "number",
        "minimum": 0,
        "maximum": 1,
        "description": "gradient_ascent ends when so few of the rows to forget are still right; without it, chance",
    },
    "beta": {
        "type": "number",
        "minimum": 0,
        "maximum": 1,
        "description": "neggrad_plus: weight of the rows to keep; those to forget get 1 - beta",
    },
    "retain_weight": positive("random_label, salun, adversarial: weight of the rows to keep beside the relabelled"),
    "share": {
        "type": "number",
        "exclusiveMinimum": 0,
        "maximum": 1,
        "description": "salun: share of all weights that may move, those with the largest slopes",
    },
    "max_epochs": count("scrub: in how many of the first epochs the network is driven off its old answers", least=0),
    "alpha": {"type": "number", "minimum": 0, "description": "scrub: weight of the old answers on the rows to keep"},
    "gamma": {"type": "number", "minimum": 0, "description": "scrub: weight of the labels of the rows to keep"},
    "l1": {"type": "number", "minimum": 0, "description": "l1_sparse: weight of |weights| at the start, falling to 0"},
    "budget": positive("adversarial: largest change of a scaled feature in the search"),
    "search_steps": count("adversarial: steps of the search in each step of unlearning", most=1000),
}

METHODS: dict[str, dict[str, Any]] = {
    "finetune": {"epochs": 10, "batch": 64, "lr": 3e-3},
    "gradient_ascent": {"epochs": 20, "batch": 64, "lr": 3e-4, "stop_accuracy": None},
    "random_label": {"epochs": 5, "batch": 64, "lr": 3e-3, "retain_weight": 30.0},
    "neggrad_plus": {"epochs": 10, "batch": 64, "lr": 1e-3, "beta": 0.99},
    "salun": {"epochs": 5, "batch": 64, "lr": 3e-3, "retain_weight": 10.0, "share": 0.5},
    "scrub": {"epochs": 10, "batch": 64, "lr": 3e-3, "max_epochs": 5, "alpha": 0.5, "gamma": 1.0},
    "l1_sparse": {"epochs": 10, "batch": 64, "lr": 3e-3, "l1": 3e-3},
    "adversarial": {
        "epochs": 10,
        "batch": 64,
        "lr": 3e-3,
        "retain_weight": 30.0,
        "budget": 0.1,
        "search_steps": 7,
    },
}
