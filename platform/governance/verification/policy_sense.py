"""What a policy's schema cannot say: whether the method it names takes the options it gives, and whether parts fit."""

from typing import Any

from governance.jobs.recipe_plans import UNLEARN
from unlearning.catalog import WrongParamsError, validate_params


def nonsense(body: dict[str, Any]) -> list[str]:
    """Every fault of a policy that fits its schema; none when plans can be made under it."""
    rules = body["verification"]
    wish = rules.get("approximate")
    return [*(wrong_options(wish) if wish else without_method(rules)), *without_references(rules)]


def wrong_options(wish: dict[str, Any]) -> list[str]:
    if "method" in wish.get("params", {}):
        return ["verification.approximate.params: the method stands beside them, once"]
    try:
        validate_params(UNLEARN, {**wish.get("params", {}), "method": wish["method"]})
    except WrongParamsError as error:
        return [f"verification.approximate: {problem}" for problem in error.problems]
    return []


def without_method(rules: dict[str, Any]) -> list[str]:
    """A qualification and the test that asks about unlearning are both about a method."""
    found = []
    if rules.get("references_by") == "qualification":
        found.append("verification.references_by: a qualification is of a method; name one in `approximate`")
    if "ulira" in rules.get("membership", ()):
        found.append("verification.membership: ulira asks about a method of unlearning; name one in `approximate`")
    return found


def without_references(rules: dict[str, Any]) -> list[str]:
    """Queries cannot be crafted on a reference where a qualification stands in for all of them."""
    if rules.get("transfer") == "reference" and rules.get("references_by") == "qualification":
        return ["verification.transfer: under a qualification there is no reference; craft the queries on the original"]
    return []
