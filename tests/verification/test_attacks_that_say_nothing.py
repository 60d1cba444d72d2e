"""A searched-for prompt that opens never-seen texts as well says nothing: at that budget, or at all of them."""

from dataclasses import replace
from typing import Any

import pytest

from governance.verification.doubts import why_not_passed
from governance.verification.families import judged_by_language
from governance.verification.judging import written
from governance.verification.measurement_words import measurement_words
from governance.verification.models import Policy
from governance.verification.power import power_words
from governance.verification.reading import batteries_of, silent_of, utility_of
from governance.verification.reasons import Reason
from governance.verification.verdict import Finding, judge
from tests.story.world import policy_body

RECORDS = 120
SOFT = "uma.text.soft"
ASKED: dict[str, Any] = {"text": ["text.extraction"], "membership": [], "attacks": [SOFT]}
Line = dict[str, Any]


def line(name: str, arm: str, rate: float, *, budget: float | None, records: int = RECORDS) -> Line:
    bits = [int((at + 1) * rate) > int(at * rate) for at in range(records)]
    counts = {"successes": sum(bits), "trials": records} if budget is not None else {"successes": None, "trials": None}
    told = {"value": rate, "per_record": [int(bit) for bit in bits], "tier": "open" if arm == "C" else "sealed"}
    return {"name": name, "arm": arm, "budget": budget, **counts, **told}


def battery(name: str, *, a: float, b: float = 0.0, p: float = 1.0, budget: float | None = 0.5) -> list[Line]:
    arms = {"A": a, "B:0": b, "B:1": b, "B:2": b, "C": b, "D:0": b, "D:1": b, "D:2": b, "P": p}
    return [line(name, arm, rate, budget=budget) for arm, rate in arms.items()]


def said_nothing(*budgets: int, a: float = 0.0, prefix: str = "") -> list[Line]:
    """As the engine writes a budget at which the attack is not informative: no budget, and another name."""
    names = [f"{prefix}{SOFT}.{tokens}.uninformative" for tokens in budgets]
    return [each for name in names for each in battery(name, a=a, b=0.5, budget=None)]


UTILITY = [{**line("utility.accuracy", "A", 0.95, budget=None, records=200), "successes": 190, "trials": 200}]
NOTHING_LEFT = [*battery("text.extraction", a=0.0), *UTILITY]


def rules(**changes: Any) -> dict[str, Any]:
    body = policy_body(verification__language=ASKED, verification__references=3, verification__margin=0.15)
    return judged_by_language(body["verification"]) | {"resamples": 40} | changes


def verdict(lines: list[Line], **changes: Any) -> Finding:
    silent = silent_of(lines, canaries=False)
    return judge(batteries_of(lines, canaries=False), utility_of(lines), rules(**changes), silent=silent)


def open_words(found: Finding) -> str:
    return " ".join(reason.text for reason in found.reasons if reason.open)


def test_an_attack_that_is_informative_at_one_budget_has_been_asked():
    lines = [*NOTHING_LEFT, *battery(SOFT, a=0.0, budget=1.0), *said_nothing(2, 4)]
    assert verdict(lines).outcome == "passed", verdict(lines).reasons


def test_an_attack_that_is_informative_at_no_budget_leaves_it_open_and_says_why():
    found = verdict([*NOTHING_LEFT, *said_nothing(1, 2, 4)])
    assert found.outcome == "inconclusive"
    assert "at no strength that was tried (1, 2, 4) does it tell a memory from none" in open_words(found)
    assert measurement_words(SOFT) in open_words(found) and "not measured" not in open_words(found)


def test_an_attack_that_nobody_made_is_still_called_that():
    found = verdict(NOTHING_LEFT)
    assert found.outcome == "inconclusive"
    assert f"asks for {SOFT}, and it was not measured" in open_words(found)


def test_what_came_back_at_an_informative_budget_fails_whatever_the_others_say():
    lines = [*NOTHING_LEFT, *battery(SOFT, a=0.4, budget=1.0), *said_nothing(2, 4)]
    assert verdict(lines).outcome == "failed_residual"


@pytest.mark.parametrize("given_back", [0.5, 1.0])
def test_what_came_back_where_the_attack_says_nothing_counts_for_nobody(given_back: float):
    lines = [*NOTHING_LEFT, *battery(SOFT, a=0.0, budget=1.0), *said_nothing(2, 4, a=given_back)]
    assert verdict(lines).outcome == "passed"


def test_a_family_that_must_have_seen_is_said_to_be_silent_once():
    found = verdict([*NOTHING_LEFT, *said_nothing(1)], required=["text.extraction", SOFT])
    assert found.outcome == "inconclusive"
    assert "nothing of it was measured" not in open_words(found) and "(1)" in open_words(found)


def at_budgets(*budgets: float) -> list[Line]:
    return [each for budget in budgets for each in battery(SOFT, a=0.0, budget=budget)]


def sealed(lines: list[Line]) -> list[Line]:
    """As the engine writes such an attack: all arms, strangers too."""
    return [{**each, "tier": "sealed"} for each in lines]


def test_the_open_verdict_tells_neither_which_budgets_said_nothing_nor_what_came_back_there():
    """Both follow from the original and the erased rows: one bit for each budget, in a document that stays."""
    policy = Policy(body=policy_body(verification__language=ASKED), digest="sha256:" + "b" * 64)
    worlds = [
        written(policy, [*NOTHING_LEFT, *sealed(more)], attempt=1, rules=rules())
        for more in (
            [*at_budgets(1.0), *said_nothing(2, 4)],
            [*at_budgets(1.0), *said_nothing(2, 4, a=1.0)],
            [*at_budgets(4.0), *said_nothing(1, 2)],
            at_budgets(1.0, 2.0, 4.0),
        )
    ]
    assert all(world == worlds[0] for world in worlds)
    [soft] = [each for each in worlds[0]["batteries"] if each["name"] == SOFT]
    assert soft["budgets"] == [1.0, 2.0, 4.0] and "uninformative" not in soft


def test_planted_texts_have_silent_attacks_of_their_own():
    lines = said_nothing(2, prefix="canary.")
    assert silent_of(lines, canaries=True) == {SOFT: [2.0]} and silent_of(lines, canaries=False) == {}


def test_of_texts_usefulness_is_counted_on_people_who_stay():
    damaged = [{**UTILITY[0], "successes": 20}]
    too_few = [{**UTILITY[0], "successes": 9, "trials": 10}]
    for utility, said in ((damaged, "On people who stay 20 of 200"), (too_few, "Too few people who stay")):
        found = verdict([*battery("text.extraction", a=0.0), *battery(SOFT, a=0.0, budget=1.0), *utility])
        assert said in open_words(found) and "in no model" not in open_words(found)
    policy = Policy(body=policy_body(verification__language=ASKED), digest="sha256:" + "b" * 64)
    body = written(policy, NOTHING_LEFT, attempt=1, rules=rules())
    assert body["utility"] == {"successes": 190, "trials": 200, "on": "people who stay"}
    assert "on" not in written(policy, NOTHING_LEFT, attempt=1)["utility"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (f"{SOFT}.4.uninformative", "(tokens): at 4, tells nothing at this strength"),
        (f"canary.{SOFT}.2.strangers", "(tokens): at 2, of texts that nobody learned"),
        ("text.extraction.as_printed.score", "as open-unlearning prints it (decides nothing): of each record"),
        ("membership.loss.privleak", "by their loss: as PrivLeak counts it"),
        ("text.truth_ratio.forget_quality", "preferred to wrong ones: how like a retrained model's"),
    ],
)
def test_figures_that_decide_nothing_have_words_too(name: str, words: str):
    assert words in measurement_words(name)


def test_too_few_records_are_named_whatever_the_doubt_is():
    """Said beside some doubts and not beside others, words that follow from counts alone would tell which it was."""
    policy = rules(probes=["text.extraction"], margin=0.05)
    found = judge(batteries_of(battery("text.extraction", a=0.0), canaries=False), utility_of(UTILITY), policy)
    few = replace(found.design, records=20)
    near = [Reason("by itself")]
    said = why_not_passed(found.judged, utility_of(UTILITY), policy, few, {}, near=near)
    assert power_words(few) in [reason.text for reason in said if reason.open]
    assert "by itself" in [reason.text for reason in said if not reason.open]
