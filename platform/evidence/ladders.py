"""Plans that name a ladder of methods (obelus/plan-recipe/3 to 5): each is tried when the one before it did not pass.

The whole ladder stands in the plan before anything runs, so that nobody chooses a method by what an attack found. Its
top is always retraining. Every input is a count, a method or a price that the policy fixed beforehand.
"""

from __future__ import annotations

from evidence.canonical import Json
from evidence.unproved_families import DROP, EXACT, RETRAIN_ADAPTER

FORMAT = "obelus/plan-recipe/3"
# With a step that drops adapters: exact where it is possible, and left out where it is not.
WITH_DROP = "obelus/plan-recipe/4"
# With a step that trains adapters anew on what is left of their groups, at the price of training.
WITH_RETRAINED_ADAPTERS = "obelus/plan-recipe/5"
COUNTS = ("rows", "batch_rows", "epochs", "references", "shadows", "never_seen")
COSTS = ("retrain_cost_s", "training_s", "references_s", "shadows_s", "if_not_passed_s")


def choose(inputs: Json) -> Json:
    """The route, which methods will be tried (places in inputs.ladder), and, with prices, each way's cost in seconds.

    A method that costs no less than retraining is left out; with none left the plan retrains.
    """
    methods = [step["method"] for step in inputs["ladder"]]
    if inputs["rows"] - inputs["batch_rows"] < 1:
        reason = "The batch removes every row: nothing is left."
        return {**_unpriced(), "ladder": [], "route": "withdraw", "reason": reason}
    possible = [place for place, step in enumerate(inputs["ladder"]) if is_possible(step)]
    if not possible:
        found = {**_unpriced(), **({} if inputs["prices"] is None else _costs(inputs))}
        reason = "This model has no ledger, and no method that the policy wishes for can be run on it: it is retrained."
        return {**found, "ladder": [], "route": "retrain", "reason": reason}
    if inputs["prices"] is None:
        reason = (
            f"This model has no ledger. The policy wishes for {in_turn([methods[place] for place in possible])} and "
            "does not price all of it, so its wish decides; only a verdict that passes opens the gate."
        )
        reason += _of_adapters(inputs["ladder"], possible)
        return {**_unpriced(), "ladder": possible, "route": "approximate", "reason": reason}
    costs = _costs(inputs)
    cheaper = [place for place in possible if costs["steps_costs_s"][place] < costs["retrain_cost_s"]]
    kept = [costs["steps_costs_s"][place] for place in cheaper]
    found = {**costs, "ladder": cheaper, "if_not_passed_s": float(sum(kept) + costs["retrain_cost_s"])}
    found["approximate_cost_s"] = kept[0] if kept else costs["steps_costs_s"][0]
    if not cheaper:
        reason = "This model has no ledger, and retraining costs no more than unlearning and its verification."
        return {**found, "route": "retrain", "reason": reason}
    reason = (
        f"This model has no ledger. Unlearning by {in_turn([methods[place] for place in cheaper])} and its "
        "verification cost less than retraining; only a verdict that passes opens the gate, else the next is tried, "
        "and in the end it is retrained."
    )
    reason += _of_adapters(inputs["ladder"], cheaper)
    return {**found, "route": "approximate", "reason": reason}


def is_possible(step: Json) -> bool:
    """Whether a step can be run: an exact one can where some adapters alone learned the rows."""
    return step["method"] not in EXACT or bool(step["params"]["adapters"])


def _of_adapters(ladder: list[Json], places: list[int]) -> str:
    """What becomes of adapters that learned the rows, in words."""
    return "".join(_in_words(ladder[place]) for place in places if ladder[place]["method"] in EXACT)


def _in_words(step: Json) -> str:
    names = ", ".join(step["params"]["adapters"])
    if step["method"] == DROP:
        return f" Dropping is exact: {names} alone learned the rows; {step['lost_rows']} rows of others go with it."
    gone = f", {', '.join(step['emptied'])} goes with nothing left to learn" if step["emptied"] else ""
    return (
        f" Retraining adapters is exact: {names} alone learned the rows; {step['left_rows']} rows of others are "
        f"learned anew{gone}."
    )


def in_turn(methods: list[str]) -> str:
    return ", then ".join(methods)


def _unpriced() -> Json:
    return dict.fromkeys((*COSTS, "approximate_cost_s", "steps_costs_s"))


def _costs(inputs: Json) -> Json:
    """References, shadows and the attack stand beside every way; each try needs references of its own."""
    prices, left = inputs["prices"], inputs["rows"] - inputs["batch_rows"]
    training = prices["retrain_fixed_s"] + inputs["epochs"] * left * prices["row_epoch_s"]
    references = inputs["references"] * training
    half = (inputs["rows"] + inputs["never_seen"]) / 2
    shadows = inputs["shadows"] * (prices["retrain_fixed_s"] + inputs["epochs"] * half * prices["row_epoch_s"])
    beside = references + shadows + prices["delete_verification_s"]
    unlearning = [_try(step, prices) for step in inputs["ladder"]]
    return {
        "steps_costs_s": [float(cost + beside) for cost in unlearning],
        "retrain_cost_s": float(training + references + shadows + prices["retrain_verification_s"]),
        "training_s": float(training),
        "references_s": float(references),
        "shadows_s": float(shadows),
    }


def _try(step: Json, prices: Json) -> float:
    """One step by itself. An adapter that is trained anew costs what training on the rows that are left of it does."""
    if step["method"] == RETRAIN_ADAPTER:
        return float(prices["retrain_fixed_s"] + step["row_passes"] * prices["row_epoch_s"])
    return float(prices["delete_fixed_s"] + step["row_passes"] * prices["unlearn_row_epoch_s"])


def unreadable(inputs: Json) -> str:
    """Why the ladder of these inputs is none; empty when it is one."""
    ladder = inputs.get("ladder")
    if not isinstance(ladder, list) or not ladder:
        return f"expected inputs.ladder to be a list of methods, got {ladder!r}"
    for place, step in enumerate(ladder):
        passes = step.get("row_passes") if isinstance(step, dict) else None
        if not isinstance(passes, int) or isinstance(passes, bool) or passes < 0:
            return f"expected inputs.ladder[{place}].row_passes to be a count, got {passes!r}"
        if not isinstance(step.get("method"), str) or not isinstance(step.get("params"), dict):
            return f"expected inputs.ladder[{place}] to name a method and its params"
        if step["method"] == DROP and not _names_parts(step):
            return f"expected inputs.ladder[{place}] to name adapters that go and that stay, and count the rows lost"
        if step["method"] == RETRAIN_ADAPTER and not (_names_parts(step, "left_rows") and _are_names(step, "emptied")):
            return f"expected inputs.ladder[{place}] to name adapters by what becomes of them, and count the rows left"
    return ""


def _names_parts(step: Json, counted: str = "lost_rows") -> bool:
    named = _are_names(step["params"], "adapters") and _are_names(step, "staying")
    return named and type(step.get(counted)) is int and step[counted] >= 0


def _are_names(found: Json, key: str) -> bool:
    part = found.get(key)
    return isinstance(part, list) and all(isinstance(name, str) for name in part)
