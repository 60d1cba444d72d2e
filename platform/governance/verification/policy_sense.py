"""What a policy's schema cannot say: whether the method it names takes the options it gives, and whether parts fit."""

from typing import Any

from evidence.unproved_families import FAMILIES, LANGUAGE
from governance.jobs.recipe_plans import faults_of
from unlearning.catalog import ENGINES, WrongParamsError, validate_params


def nonsense(body: dict[str, Any]) -> list[str]:
    """Every fault of a policy that fits its schema; none when plans can be made under it."""
    rules = body["verification"]
    wish = rules.get("approximate")
    wishes = [] if wish is None else wish if isinstance(wish, list) else [wish]
    found = wrong_options(wishes) if wishes else without_method(rules)
    found = [*found, *without_references(rules), *of_language(rules)]
    return [*found, *no_ladder(rules)] if isinstance(wish, list) else found


def wrong_options(wishes: list[dict[str, Any]]) -> list[str]:
    """All of them must be methods of one family of models."""
    if any("method" in wish.get("params", {}) for wish in wishes):
        return ["verification.approximate.params: the method stands beside them, once"]
    found = {name: faults_of(family, wishes) for name, family in FAMILIES.items()}
    if not wishes or not all(found.values()):
        return []
    # Of the family that knows these methods; of the first where none does.
    fewest = min(found.values(), key=len)
    return [f"verification.approximate: {problem}" for problem in fewest]


def of_language(rules: dict[str, Any]) -> list[str]:
    """The battery for language models is the parameters of its engine, as they are."""
    if "language" not in rules or LANGUAGE.attacks not in ENGINES:
        return []
    try:
        validate_params(LANGUAGE.attacks, rules["language"])
    except WrongParamsError as error:
        return [f"verification.language.{problem}" for problem in error.problems]
    if "references" in rules["language"]:
        # Written there it would be passed over, and the verifier would miss it in the attack's parameters.
        return ["verification.language.references: verification.references_by says that, once"]
    return []


def no_ladder(rules: dict[str, Any]) -> list[str]:
    """A qualification is of one recipe."""
    if rules.get("references_by") == "qualification":
        return ["verification.references_by: a qualification is of one method; name one, not a ladder"]
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
    """Nothing can be crafted on a reference, or scored beside one, where a qualification stands in for all of them."""
    if rules.get("references_by") != "qualification":
        return []
    found = []
    if rules.get("transfer") == "reference":
        found.append(
            "verification.transfer: under a qualification there is no reference; craft the queries on the original"
        )
    if "reference" in rules.get("language", {}).get("membership", ()):
        found.append("verification.language.membership: under a qualification there is no reference to score beside")
    return found
