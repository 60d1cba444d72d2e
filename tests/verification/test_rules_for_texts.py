"""What a policy says of language models: ladders, a battery as its engine takes it, what a verdict then asks for."""

from typing import Any

import pytest

from evidence.unproved_families import FAMILIES, LANGUAGE
from governance.verification.families import attack_params, family_of, judged_by_language
from governance.verification.measurement_words import WORDS, measurement_words
from governance.verification.policies import METHODS, NETWORKS, TEXT_METHODS, faults
from governance.verification.policy_sense import nonsense
from tests.story.world import policy_body
from unlearning.catalog import ENGINES

ASKED = ENGINES["verify.language"].parameters["properties"]
BATTERY = {"text": ["text.extraction", "text.rouge"], "membership": ["loss"], "attacks": ["quantised.int8"]}
NAMES = [
    *ASKED["text"]["items"]["enum"],
    *ASKED["attacks"]["items"]["enum"],
    *(f"membership.{kind}" for kind in ASKED["membership"]["items"]["enum"]),
]
DROP, ANEW = {"method": "drop"}, {"method": "retrain_adapter"}
NPO, RMU = {"method": "npo", "params": {"epochs": 2}}, {"method": "rmu"}


def body(**rules: Any) -> dict[str, Any]:
    found = policy_body()
    found["verification"] |= rules
    return found


def problems(**rules: Any) -> list[str]:
    return faults(body(**rules)) or nonsense(body(**rules))


@pytest.mark.parametrize(
    "wish",
    [NPO, [NPO], [NPO, RMU], [DROP, NPO], DROP, ANEW, [ANEW, NPO], {"method": "finetune"}, [{"method": "scrub"}] * 2],
)
def test_one_method_or_a_ladder_of_one_family_is_fixed(wish: Any) -> None:
    assert problems(approximate=wish) == []


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"approximate": []}, "approximate"),
        ({"approximate": [NPO] * 9}, "approximate"),
        ({"approximate": [{"method": "wish"}]}, "wish"),
        ({"approximate": [NPO, {"method": "salun"}]}, "approximate"),
        ({"approximate": [{"method": "npo", "params": {"steering": 1.0}}]}, "steering"),
        ({"approximate": [{"method": "npo", "params": {"method": "npo"}}]}, "once"),
        ({"approximate": [NPO, RMU], "references_by": "qualification"}, "not a ladder"),
        (
            {"approximate": NPO, "references_by": "qualification", "language": {"membership": ["reference"]}},
            "no reference to score beside",
        ),
        ({"approximate": [{"method": "drop", "params": {"adapters": ["house"]}}]}, "lineage says which"),
        ({"approximate": [DROP, {"method": "scrub"}]}, "language models"),
        ({"approximate": [ANEW, {"method": "scrub"}]}, "language models"),
        ({"approximate": [{**ANEW, "params": {"adapters": ["house"]}}]}, "lineage says which"),
        ({"language": {"text": ["text.smell"]}}, "text.smell"),
        ({"language": {"budgets": [0]}}, "budgets"),
        ({"language": {"references": "none"}}, "references_by"),
    ],
)
def test_a_rule_that_no_plan_could_follow_is_named(rules: dict[str, Any], said: str) -> None:
    assert said in " ".join(problems(**rules))


def test_every_method_of_every_family_may_be_wished_for() -> None:
    schemas = [ENGINES[family.unlearns].parameters["properties"] for family in FAMILIES.values()]
    assert {*METHODS, *TEXT_METHODS} == {name for schema in schemas for name in schema["method"]["enum"]}


def test_everything_that_is_measured_of_texts_may_be_required_but_rouge() -> None:
    enum = set(NETWORKS["required"]["items"]["enum"])
    assert set(NAMES) - enum == {"text.rouge"}


def test_the_attack_is_asked_what_the_policy_says_and_as_the_model_was_trained() -> None:
    family = family_of("language.train")
    assert family is not None
    rules = body(language=BATTERY)["verification"]
    problem = {"epochs": 3, "template": "chat", "most_tokens": 99}
    params = attack_params(family, rules, references=True, problem=problem)
    assert params == {**BATTERY, "seed": 1, "template": "chat", "most_tokens": 99, "references": "fresh"}


def test_a_verdict_wants_all_that_was_asked_for_and_nothing_that_is_about_numbers() -> None:
    rules = judged_by_language(body(language=BATTERY)["verification"])
    assert rules["probes"] == ["text.extraction", "quantised.int8"] and rules["membership"] == ["loss"]
    assert rules["required"] == ["text.extraction"]
    assert not {"budgets", "norm", "target"} & set(rules)
    assert judged_by_language(body(required=["membership.loss"])["verification"])["required"] == ["membership.loss"]


@pytest.mark.parametrize("name", NAMES)
def test_every_measurement_of_texts_has_words_of_its_own(name: str) -> None:
    assert measurement_words(name) == WORDS[name][:1].upper() + WORDS[name][1:]
    assert measurement_words(f"canary.{name}").startswith("Planted records: ")


def test_the_family_of_texts_is_the_catalogs() -> None:
    assert {LANGUAGE.trains, LANGUAGE.unlearns, LANGUAGE.references, LANGUAGE.attacks} <= ENGINES.keys()
