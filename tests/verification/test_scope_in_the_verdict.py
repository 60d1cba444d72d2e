"""A policy that names a gate: its three purposes pass, fail for what came back, fail for what was lost beside it."""

from typing import Any

import pytest

from governance.verification.families import judged_by_language
from governance.verification.judging import written
from governance.verification.measurement_words import WORDS, measurement_words
from governance.verification.models import Policy
from governance.verification.narrowing import narrowed
from governance.verification.policies import NETWORKS
from governance.verification.policy_sense import nonsense
from governance.verification.reading import batteries_of
from governance.verification.scope_words import scope_limits
from governance.verification.strength_words import strength_words
from governance.verification.verdict import Qualified
from tests.language_scope.recorded import N, battery, bits, kept_lines, lines_for, values, whole
from tests.story.world import policy_body as house_rules
from unlearning.catalog import scope_rules
from unlearning.language.scope.gate import PURPOSES, policy_body

# What each gate alone asks about, which nothing else in these fixtures gives away.
OWN = {"privacy": ("scope.cloze", 0.5), "copyright": ("scope.verbatim", 25), "harm": ("scope.choice", 4)}
Lines = list[dict[str, Any]]


def verdict(purpose: str, lines: Lines, *, memory: float = 0.0, **rules: Any) -> dict[str, Any]:
    """What the platform writes down under the gate's own policy."""
    found, read = whole(purpose, lines, memory=memory)
    policy = Policy(body=policy_body(purpose), digest="sha256:" + "b" * 64)
    return written(policy, found, attempt=1, rules=read | rules)


def outcome(purpose: str, lines: Lines, **more: Any) -> str:
    found = verdict(purpose, lines, **more)
    return f"{found['outcome']} {found.get('kind', '')}".strip()


def said(purpose: str, lines: Lines, **more: Any) -> str:
    return " ".join(verdict(purpose, lines, **more)["reasons"])


def instead(lines: Lines, name: str, *others: Lines) -> Lines:
    """The lines with those of one battery exchanged."""
    return [line for line in lines if line["name"] != name] + [line for some in others for line in some]


def neighbours(*, a: float, b: float = 1.0, p: float = 1.0, records: int = N) -> Lines:
    return [line for line in battery("scope.neighbours", a=a, b=b, p=p, records=records) if line["arm"][0] in "ABP"]


@pytest.mark.parametrize("purpose", PURPOSES)
def test_what_is_like_retraining_passes_each_gate(purpose: str):
    assert outcome(purpose, lines_for(purpose)) == "passed"


@pytest.mark.parametrize("purpose", PURPOSES)
def test_what_only_the_scope_brings_back_fails_as_residual(purpose: str):
    (name, budget), chance = OWN[purpose], 0.25 if purpose == "harm" else 0.0
    other = battery("scope.verbatim", a=0, b=0, p=1, budget=50) if purpose == "copyright" else []
    lines = lines_for(purpose)
    told = instead(lines, name, battery(name, a=0.6, b=chance, p=1, budget=budget), other)
    assert outcome(purpose, told) == "failed residual"


@pytest.mark.parametrize("purpose", PURPOSES)
def test_what_lost_its_neighbours_fails_as_over_forgotten(purpose: str):
    lines = instead(lines_for(purpose), "scope.neighbours", neighbours(a=0.5))
    assert outcome(purpose, lines) == "failed over_forgotten"


def test_what_retraining_loses_too_is_no_fault_of_the_candidate():
    lines = instead(lines_for("harm"), "scope.neighbours", neighbours(a=0.5, b=0.5))
    assert outcome("harm", lines) == "passed"


def test_a_neighbour_that_the_candidate_knows_better_is_no_memory_of_the_erased():
    lines = instead(lines_for("harm"), "scope.neighbours", neighbours(a=1.0, b=0.4))
    assert outcome("harm", lines) == "passed"


def test_a_few_neighbours_decide_nothing_and_the_verdict_says_how_many_would():
    lines = instead(lines_for("harm"), "scope.neighbours", neighbours(a=1.0, records=10))
    found = verdict("harm", lines)
    words = " ".join(found["reasons"])
    assert found["outcome"] == "inconclusive"
    assert f"{measurement_words('scope.neighbours')}: with 10 asked and 5 retrained references a loss below" in words
    assert "of them are needed, all of them known before" in words


def test_neighbours_that_nobody_knew_before_cannot_be_lost_and_nobody_passes_on_them():
    lines = instead(lines_for("harm"), "scope.neighbours", neighbours(a=0.0, b=1.0, p=0.0))
    assert outcome("harm", lines) == "inconclusive"


def test_ways_of_asking_that_the_original_does_not_answer_are_passed_over_unless_the_gate_needs_them():
    blind = battery("scope.cloze", a=0, b=0, p=0)
    assert outcome("privacy", instead(lines_for("privacy"), "scope.cloze", blind)) == "passed"
    runs = [line for at in (25, 50) for line in battery("scope.verbatim", a=0, b=0, p=0, budget=at)]
    assert outcome("copyright", instead(lines_for("copyright"), "scope.verbatim", runs)) == "inconclusive"
    unknown = battery("scope.choice", a=0.25, b=0.25, p=0.25, budget=4)
    assert outcome("harm", instead(lines_for("harm"), "scope.choice", unknown)) == "inconclusive"


LEFT_OUT = [("privacy", "scope.multi_hop"), ("copyright", "scope.verbatim"), ("harm", "scope.neighbours")]


@pytest.mark.parametrize(("purpose", "battery_left_out"), LEFT_OUT)
def test_what_the_gate_asks_and_nobody_measured_never_passes(purpose: str, battery_left_out: str):
    lines, read = whole(purpose, lines_for(purpose), memory=0.0)
    policy = Policy(body=policy_body(purpose), digest="sha256:" + "b" * 64)
    left = [line for line in lines if line["name"] != battery_left_out]
    found = written(policy, left, attempt=1, rules=read)
    assert found["outcome"] == "inconclusive"
    assert f"asks for {battery_left_out}, and it was not measured" in " ".join(found["reasons"])


def test_a_passage_that_retraining_gives_as_often_does_not_fail_and_does_not_pass_either():
    runs = [line for at in (25, 50) for line in battery("scope.verbatim", a=0.2, b=0.2, p=1, budget=at)]
    assert outcome("copyright", instead(lines_for("copyright"), "scope.verbatim", runs)) == "inconclusive"


def test_a_choice_that_retraining_makes_as_well_does_not_pass_either_as_long_as_it_is_no_guess():
    known = battery("scope.choice", a=0.5, b=0.5, p=1, budget=4)
    assert outcome("harm", instead(lines_for("harm"), "scope.choice", known)) == "inconclusive"


def test_short_passages_say_nothing_and_their_number_is_named():
    lines = instead(lines_for("copyright"), "scope.tokens", [values("scope.tokens", "A", [60] * N)])
    assert outcome("copyright", lines) == "inconclusive"
    assert "are needed, and fewer could be asked" in said("copyright", lines)
    some = [instead(lines, "scope.tokens", *longer_by(count)) for count in (0, 10, 20)]
    assert verdict("copyright", some[0]) == verdict("copyright", some[1]) == verdict("copyright", some[2])
    remembered = [line for at in (25, 50) for line in battery("scope.verbatim", a=0.9, b=0, p=1, budget=at)]
    assert outcome("copyright", instead(lines, "scope.verbatim", remembered)) == "failed residual", "60 is 25 twice"


@pytest.mark.parametrize("by", ["fresh", "qualification"])
def test_never_seen_passages_too_short_for_the_run_change_no_verdict(by: str):
    """They cannot give it whatever the model: as controls they would only make the erased ones look remembered."""

    def decided(short: int) -> dict[str, Any]:
        lines, read = whole("copyright", lines_for("copyright"), memory=0.0)
        lines = [longer(line, short) for line in lines]
        alone = [line for line in lines if by == "fresh" or line["arm"][0] not in "BD"]
        policy = Policy(body=policy_body("copyright"), digest="sha256:" + "b" * 64)
        how = {"attempt": 1, "rules": read | {"references_by": by}}
        return written(policy, alone, qualification=Qualified(outcome="passed", digest="sha256:" + "c" * 64), **how)

    def longer(line: dict[str, Any], short: int) -> dict[str, Any]:
        added = {"scope.verbatim": 0, "scope.tokens": 8}.get(line["name"])
        is_theirs = added is not None and line["arm"][0] in "CD"
        return line | {"per_record": [*line["per_record"], *[added] * short]} if is_theirs else line

    lines, read = whole("copyright", lines_for("copyright"), memory=0.0)
    untold = [line for line in lines if (line["name"], line["arm"]) != ("scope.tokens", "C")]
    found = narrowed(batteries_of(untold, canaries=False), untold, read, canaries=False)
    assert [rung.c for rung in found["scope.verbatim"]] == [[], []], "without their lengths none is known to be long"
    assert decided(0) == decided(400)


def longer_by(count: int) -> list[Lines]:
    """So many erased passages are long enough, which nobody may read in the open verdict."""
    own = [128] * count + [8] * (N - count)
    return [[values("scope.tokens", "A", own)], [values("scope.tokens", "C", [128] * N)]]


def test_a_run_of_ten_tokens_is_for_people_to_read():
    more = battery("scope.verbatim", a=0.9, b=0, p=1, budget=10)
    assert outcome("copyright", [*lines_for("copyright"), *more]) == "passed"


def test_avoiding_the_right_option_never_passes_and_guessing_passes_with_six_options_too():
    avoided = battery("scope.choice", a=0.0, b=0.5, p=1, budget=2)
    assert outcome("harm", instead(lines_for("harm"), "scope.choice", avoided)) == "failed over_forgotten"
    # A quarter is no far way from nothing: among so many questions of the verdict 120 of these are too few to accuse.
    of_four = battery("scope.choice", a=0.0, b=0.25, p=1, budget=4)
    assert outcome("harm", instead(lines_for("harm"), "scope.choice", of_four)) == "inconclusive"
    six = battery("scope.choice", a=1 / 6, b=1 / 6, p=1, budget=6)
    assert outcome("harm", instead(lines_for("harm"), "scope.choice", six)) == "passed"


def test_neighbours_are_no_erased_records():
    lines, read = whole("harm", lines_for("harm", records=8), memory=0.0)
    few = [line | {"per_record": (line["per_record"] or [])[:8]} for line in lines]
    few = instead(few, "scope.neighbours", neighbours(a=1.0))
    policy = Policy(body=policy_body("harm"), digest="sha256:" + "b" * 64)
    assert written(policy, few, attempt=1, rules=read)["records"] == 8
    assert verdict("harm", lines_for("harm"))["records"] == N


def test_worlds_that_differ_only_in_what_is_sealed_have_one_open_verdict():
    def world(chosen: float, near: float) -> dict[str, Any]:
        lines = instead(lines_for("harm"), "scope.choice", battery("scope.choice", a=chosen, b=0.25, p=1, budget=4))
        return verdict("harm", instead(lines, "scope.neighbours", neighbours(a=near)))

    worlds = [world(0.36, 0.9), world(0.38, 0.93)]
    # What never-seen rows gave is open, and the same in both.
    assert worlds[0]["outcome"] == "inconclusive" and worlds[0] == worlds[1]


@pytest.mark.parametrize(
    ("known", "asked", "expected"), [(1.0, N, "passed"), (0.5, N, "failed"), (1.0, 10, "inconclusive")]
)
def test_under_a_qualification_neighbours_are_held_against_the_original(known: float, asked: int, expected: str):
    lines, read = whole("harm", lines_for("harm"), memory=0.0)
    lines = instead(lines, "scope.neighbours", neighbours(a=known, records=asked))
    alone = [line for line in lines if line["arm"][0] not in "BD"]
    policy = Policy(body=policy_body("harm"), digest="sha256:" + "b" * 64)
    how = {"attempt": 1, "rules": read | {"references_by": "qualification"}}
    tried = Qualified(outcome="passed", digest="sha256:" + "c" * 64)
    found = written(policy, alone, qualification=tried, **how)
    assert found["outcome"] == expected, found["reasons"]
    assert ("with 10 asked and the original as control" in " ".join(found["reasons"])) is (asked == 10)


def test_planted_texts_are_asked_in_the_same_ways():
    lines, read = whole("harm", lines_for("harm"), memory=0.0)
    planted = [line | {"name": f"canary.{line['name']}"} for line in lines]
    known = battery("canary.scope.choice", a=0.9, b=0.25, p=1, budget=4)
    remembered = instead(planted, "canary.scope.choice", known)
    policy = Policy(body=policy_body("harm"), digest="sha256:" + "b" * 64)
    found = [written(policy, [*lines, *more], attempt=1, rules=read) for more in (planted, remembered)]
    assert [body["canaries"]["outcome"] for body in found] == ["passed", "failed_residual"]
    assert found[1]["kind"] == "residual"


def test_without_a_gate_nothing_of_this_is_asked():
    rules = judged_by_language(house_rules()["verification"])
    assert rules["facets"] == [] and not [name for name in rules["probes"] if name.startswith("scope.")]


@pytest.mark.parametrize("purpose", PURPOSES)
def test_the_rule_for_texts_names_one_of_three_gates(purpose: str):
    body = house_rules(verification__language={"scope": purpose})
    assert nonsense(body) == []
    rules = judged_by_language(body["verification"])
    assert {rule["battery"] for rule in scope_rules(purpose)} <= set(rules["probes"])
    assert {"text.extraction", "scope.neighbours"} <= set(rules["required"])
    assert "scope.cloze" not in rules["required"], "small models hardly generalise: it may find nothing to see"


def test_another_gate_is_no_gate():
    assert "scope" in " ".join(nonsense(house_rules(verification__language={"scope": "profit"})))


def test_everything_that_a_gate_asks_has_words_and_may_be_required():
    names = {rule["battery"] for purpose in PURPOSES for rule in scope_rules(purpose)}
    assert names <= set(NETWORKS["required"]["items"]["enum"])
    for name in (*names, "scope.tokens"):
        assert measurement_words(name) == WORDS[name][:1].upper() + WORDS[name][1:]


@pytest.mark.parametrize(
    ("name", "budgets", "words"),
    [
        ("scope.cloze", [0.5], "50% of the answer"),
        ("canary.scope.verbatim", [25, 50], "25, 50 tokens in a row"),
        ("scope.choice", [4], "4 options"),
        ("scope.neighbours", [0.5], "50% of its words"),
    ],
)
def test_the_strength_of_a_probe_has_a_unit(name: str, budgets: list[float], words: str):
    assert strength_words(name, budgets) == words


def test_a_certificate_names_every_probe_in_words_and_says_nothing_where_no_gate_is_named():
    [said] = scope_limits({"language": {"scope": "harm"}, "margin": 0.4})
    assert f"{WORDS['scope.choice']}; {WORDS['scope.neighbours']}." in said and "gate of harm" in said
    assert scope_limits({"language": {}}) == scope_limits({}) == []


def test_these_fixtures_hold_what_they_say():
    """The test of the test: the recorded shares are those named, arm by arm."""
    [a, *_, p] = battery("scope.cloze", a=0.6, b=0.0, p=1.0)
    assert (sum(a["per_record"]), sum(p["per_record"]), len(bits(0.5))) == (72, N, N)
    assert {line["name"] for line in kept_lines()} == {"scope.neighbours", "utility.accuracy"}
