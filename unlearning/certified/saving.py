"""A classifier on disk: weights (safetensors), ledger.json, classifier.json. Never a row, an id or a slot.

What is not in these files does not survive: noise, float64 iterates and the rows stay where they were.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from unlearning.accounting import Ledger, Problem
from unlearning.certified.extractor import Extractor
from unlearning.certified.line import Line
from unlearning.certified.problem import problem_from_params
from unlearning.certified.requests import RequestRefused
from unlearning.linear import LinearModel, load_model, save_model

FORMAT = "obelus/classifier/1"
_PARAMETERS = (
    *("epsilon", "delta", "deletion_epsilon", "contribution_cap", "capacity"),
    *("l2", "norm_bound", "loss", "batch", "relaxations", "steps", "step_size", "device"),
)


def save_classifier(estimator: Any, folder: Path) -> None:
    """Raises: FileExistsError; RequestRefused with CLASSES_UNSAVABLE."""
    line: Line = estimator._line
    labels = estimator.classes_.tolist()
    if not all(isinstance(label, str | int | float | bool) for label in labels):
        raise RequestRefused(
            "CLASSES_UNSAVABLE", "expected classes that are numbers or text.", "Train with such labels."
        )
    public = {
        "format": FORMAT,
        "parameters": {name: getattr(estimator, name) for name in _PARAMETERS},
        "declared_classes": estimator.classes is not None,
        "classes": labels,
        "classes_dtype": estimator.classes_.dtype.str,
        "frozen": line.params,
        "next_slot": line.next_slot,
        "subjects": line.with_subjects,
        "cancelled": line.cancelled,
        "gaps": list(estimator._gaps),
        "extractor": None if estimator._extractor is None else estimator._extractor.digest,
    }
    save_model(folder, LinearModel(line.theta, line.preparation))
    (folder / "ledger.json").write_text(line.ledger.to_json(), encoding="utf-8")
    (folder / "classifier.json").write_text(json.dumps(public, indent=1, default=_plain) + "\n", encoding="utf-8")


def load_classifier(kind: Any, folder: Path) -> Any:
    """Raises: Refused with MODEL_UNREADABLE; AccountingError."""
    model = load_model(folder)
    ledger = Ledger.from_json((folder / "ledger.json").read_bytes())
    try:
        public = json.loads((folder / "classifier.json").read_text("utf-8"))
        problem = problem_from_params(public["frozen"], model.preparation)
        if public["format"] == FORMAT and _but_for_rounding(problem) == _but_for_rounding(ledger.problem):
            return _made(kind, public, model, ledger)
    except (OSError, KeyError, TypeError, json.JSONDecodeError) as error:
        raise _unreadable() from error
    raise _unreadable()


def _unreadable() -> RequestRefused:
    return RequestRefused(
        "MODEL_UNREADABLE",
        f"expected classifier.json of format {FORMAT}, of the same constants as ledger.json.",
        "Give a folder that save() wrote.",
    )


def _but_for_rounding(problem: Problem) -> Problem:
    """A newer version may bound rounding more tightly; what the ledger charges stands."""
    return replace(problem, rho=0.0, theta_bound=1.0)


def _made(kind: Any, public: dict[str, Any], model: LinearModel, ledger: Ledger) -> Any:
    classes = np.array(public["classes"], dtype=np.dtype(public["classes_dtype"]))
    estimator = kind(**public["parameters"], classes=classes.tolist() if public["declared_classes"] else None)
    estimator._line = Line(
        public["frozen"],
        model.preparation,
        ledger,
        model.theta,
        cancelled=public["cancelled"],
        device=estimator.device,
        used_slots=public["next_slot"],
        had_subjects=public.get("subjects", False),  # models saved before this was written down do not say
    )
    estimator.classes_, estimator._gaps = classes, tuple(public["gaps"])
    estimator._extractor = None if public["extractor"] is None else Extractor(digest=public["extractor"])
    estimator.n_features_in_ = len(model.preparation.scales)
    return estimator


def _plain(value: Any) -> Any:
    return value.item()
