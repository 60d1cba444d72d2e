"""A plan for a model without a ledger: try to unlearn and let an attack decide, or retrain. The choice, from its facts.

Every input is a count, a method or a price that the policy fixed beforehand; no loss, verdict or watched run time may
enter, so that an auditor reaches the same choice. The house and the verifier both call `choose`.
"""

from __future__ import annotations

from evidence import ladders
from evidence.canonical import Json

# One method, of a network; a ladder of methods, or another family, is a plan of ladders.FORMAT.
FORMAT = "obelus/plan-recipe/2"
FORMATS = (FORMAT, ladders.FORMAT, ladders.WITH_DROP, ladders.WITH_RETRAINED_ADAPTERS)
# What the policy must price before the two ways can be compared, all in seconds.
PRICES = (
    *("delete_fixed_s", "retrain_fixed_s", "delete_verification_s", "retrain_verification_s"),
    *("row_epoch_s", "unlearn_row_epoch_s"),
)
_COUNTS = ("rows", "batch_rows", "epochs", "unlearn_epochs", "references", "shadows", "never_seen")
# Likelihood-ratio tests of membership want models on random halves of all rows.
SHADOW_MODELS = 16
_NEED_SHADOWS = ("lira", "ulira")


def needs_shadows(rules: Json) -> bool:
    """Whether a policy's rules of verification ask for shadow models."""
    asked = rules.get("membership")
    return isinstance(asked, list) and any(name in asked for name in _NEED_SHADOWS)


class UnreadablePlanError(ValueError):
    """The inputs of a plan are not counts and prices; the message names the first that is not."""


def choose(inputs: Json) -> Json:
    """The choice that these inputs lead to: a route and, where there are prices, what each way costs in seconds.

    Raises: UnreadablePlanError.
    """
    _require_readable(inputs)
    if "ladder" in inputs:
        return ladders.choose(inputs)
    if inputs["rows"] - inputs["batch_rows"] < 1:
        return {**_costs(inputs), "route": "withdraw", "reason": "The batch removes every row: nothing is left."}
    found = _costs(inputs)
    if inputs["prices"] is None:
        reason = (
            f"This model has no ledger. The policy wishes for the method {inputs['method']} and prices neither epochs "
            "of training nor of unlearning, so its wish decides; only a verdict that passes opens the gate."
        )
        return {**found, "route": "approximate", "reason": reason}
    if found["retrain_cost_s"] <= found["approximate_cost_s"]:
        reason = "This model has no ledger, and retraining costs no more than unlearning and its verification."
        return {**found, "route": "retrain", "reason": reason}
    reason = (
        f"This model has no ledger. Unlearning by {inputs['method']} and its verification cost less than retraining; "
        "only a verdict that passes opens the gate, else it is retrained after all."
    )
    return {**found, "route": "approximate", "reason": reason}


def differences(plan: Json) -> list[str]:
    """The fields of a plan's choice that do not follow from its inputs (`reason` is words and not compared).

    Raises: UnreadablePlanError.
    """
    fresh, found = choose(plan["inputs"]), plan["choice"]
    names = sorted((fresh.keys() | found.keys()) - {"reason"})
    return [name for name in names if name not in found or fresh.get(name, _ABSENT) != found[name]]


_ABSENT = object()
_COSTS = ("approximate_cost_s", "retrain_cost_s", "training_s", "references_s", "shadows_s", "if_not_passed_s")


def _costs(inputs: Json) -> Json:
    """What each way costs; references, shadows and the attack are the verification that stands beside both.

    A candidate that does not pass is retrained and verified again: `if_not_passed_s` is that way to its end.
    """
    if inputs["prices"] is None:
        return dict.fromkeys(_COSTS)
    prices, left = inputs["prices"], inputs["rows"] - inputs["batch_rows"]
    training = prices["retrain_fixed_s"] + inputs["epochs"] * left * prices["row_epoch_s"]
    unlearning = prices["delete_fixed_s"] + inputs["unlearn_epochs"] * inputs["rows"] * prices["unlearn_row_epoch_s"]
    references = inputs["references"] * training
    half = (inputs["rows"] + inputs["never_seen"]) / 2
    shadows = inputs["shadows"] * (prices["retrain_fixed_s"] + inputs["epochs"] * half * prices["row_epoch_s"])
    approximate = unlearning + references + shadows + prices["delete_verification_s"]
    retrain = training + references + shadows + prices["retrain_verification_s"]
    return {
        "approximate_cost_s": float(approximate),
        "retrain_cost_s": float(retrain),
        "training_s": float(training),
        "references_s": float(references),
        "shadows_s": float(shadows),
        "if_not_passed_s": float(approximate + retrain),
    }


def _require_readable(inputs: Json) -> None:
    for name in ladders.COUNTS if "ladder" in inputs else _COUNTS:
        value = inputs.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise UnreadablePlanError(f"expected inputs.{name} to be a count, got {value!r}")
    if "ladder" in inputs:
        if why := ladders.unreadable(inputs):
            raise UnreadablePlanError(why)
    elif not isinstance(inputs.get("method"), str):
        raise UnreadablePlanError(f"expected inputs.method to be a name, got {inputs.get('method')!r}")
    if (prices := inputs.get("prices")) is None:
        return
    for name in PRICES:
        value = prices.get(name) if isinstance(prices, dict) else None
        if not isinstance(value, (int, float)) or isinstance(value, bool) or value < 0:
            raise UnreadablePlanError(f"expected inputs.prices.{name} to be a price, got {value!r}")
