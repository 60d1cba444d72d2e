"""Step size, noise and steps of a certified model, worked out from public facts alone by the accounting."""

import math
from collections.abc import Mapping
from typing import Any

from governance.console.registering.asking import Ask
from governance.errors import Invalid
from governance.lineage.models import Dataset
from unlearning.accounting import AccountingError, recommend
from unlearning.accounting.gdp import mu_for

CERTIFIED = "certified.train"
EPSILON = Ask(
    name="epsilon",
    label="What may one release tell of a person? (epsilon)",
    shape="number",
    default="3",
    help="The button below works step size, noise and steps out of it; those are fixed. 1 is strict, 8 is loose.",
)
DELTA = Ask(
    name="delta",
    label="Save with which chance? (delta)",
    shape="number",
    default="1e-5",
    help="Well below one over the number of people.",
)
LOSSES = {"capped": ("capped_binary", "capped_softmax"), "one_vs_rest": ("one_vs_rest", "one_vs_rest")}


def worked_out(problem: Mapping[str, Any], told: Mapping[str, str], home: Dataset) -> dict[str, str]:
    """{"eta", "sigma", "steps"} as they would be typed.

    Raises: Invalid: not_worked_out, in the accounting's words.
    """
    try:
        found = recommend(
            n=problem["n_0"],
            features=home.feature_width + 1,
            classes=len(problem["classes"]),
            epsilon=float(told["epsilon"]),
            delta=float(told["delta"]),
            contribution_cap=problem.get("contribution_cap", home.rows_per_subject),
            loss=loss_of(problem),
            batch=problem.get("batch"),
            **{name: problem[name] for name in ("lam", "norm_bound", "adjacency")},
        )
    except AccountingError as error:
        raise Invalid(error.message, code="not_worked_out", remedy=error.remedy) from error
    except (KeyError, TypeError, ValueError, OverflowError, ZeroDivisionError) as error:
        raise Invalid(
            "These constants do not go together, or one that is needed is missing.",
            code="not_worked_out",
            remedy="Fill in the number of rows, labels, penalty and longest row with numbers, then epsilon and delta.",
        ) from error
    # Noise is rounded up: what is shown costs at most what was asked for.
    sigma = math.ceil(found.problem.sigma * 1e8) / 1e8
    return {"eta": repr(found.problem.eta), "sigma": repr(sigma), "steps": str(found.steps_learn)}


def loss_of(problem: Mapping[str, Any]) -> Any:
    many = len(problem["classes"]) > 2
    usual = ("binary", "softmax")
    given = problem.get("loss", "auto")
    return given if given in usual else LOSSES.get(given, usual)[many]


def mu_of(epsilon: str, delta: str) -> float:
    """The cap as the ledger counts it. Raises: Invalid: bad_cap."""
    try:
        return mu_for(epsilon=float(epsilon), delta=float(delta))
    except (ValueError, OverflowError) as error:
        raise Invalid(
            "A cap needs an epsilon above 0 and a delta between 0 and 1.",
            code="bad_cap",
            remedy="Give both numbers, or neither.",
        ) from error
