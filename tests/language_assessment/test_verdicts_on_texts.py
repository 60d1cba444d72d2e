"""The lines of language models before the platform's own judge."""

import pytest

from tests import language_world as world
from tests.language_assessment.text_court import (
    comparison,
    lines_of,
    never_seen,
    of_few,
    original,
    people,
    verdict,
    without_them,
    wrecked,
)
from unlearning.verification.language.arms import LanguageModels
from unlearning.verification.language.assessing import assess

RETRAINED = 5  # a seed that no reference has


def whole(lines, name, arm="A"):
    (found,) = [line["value"] for line in lines if line["name"] == name and line["arm"] == arm]
    return found


@pytest.fixture(scope="module")
def retrained_lines():
    return lines_of(without_them(RETRAINED), membership=["loss"])


def test_a_model_that_was_never_touched_has_failed():
    lines = lines_of(original(), text=["text.extraction", "text.memorisation", "text.probability"])
    found = verdict(lines)
    assert found.outcome == "failed_residual"
    assert whole(lines, "text.extraction.score") > 0.8 and whole(lines, "text.probability.score") > 0.8
    assert any("text.extraction" in reason.text for reason in found.reasons)


def test_a_retrained_model_passes_where_there_are_rows_enough(retrained_lines):
    """And only by what so few can decide: an answer never follows to its end by chance, a probability may."""
    found = verdict(only(retrained_lines, "text.extraction"))
    assert found.outcome == "passed" and len(found.judged) == 3


def test_a_retrained_model_never_fails_and_what_is_missing_is_said_in_words(retrained_lines):
    """Two tails of a membership test need more rows than 48 to be sure within a tenth."""
    found = verdict(retrained_lines)
    assert found.outcome == "inconclusive"
    assert "With 48 records" in found.reasons[0].text and "records are needed" in found.reasons[0].text


def test_a_retrained_model_is_not_passed_on_eight_rows():
    found = verdict(lines_of(without_them(RETRAINED), data=of_few(), text=["text.extraction"]))
    assert found.outcome == "inconclusive"
    assert found.reasons[0].open and "With 8 records" in found.reasons[0].text


def test_eight_rows_are_enough_to_fail_a_model_that_was_never_touched():
    assert verdict(lines_of(original(), data=of_few(), text=["text.extraction"])).outcome == "failed_residual"


@pytest.fixture(scope="module")
def wrecked_lines():
    return lines_of(wrecked(steps=12), text=["text.extraction", "text.truth_ratio"])


def test_a_wrecked_model_fails_on_utility_although_its_forget_quality_looks_perfect(wrecked_lines):
    """Papers call a p-value above .05 forgotten; this one's is as good as a retrained model's."""
    assert whole(wrecked_lines, "text.truth_ratio.forget_quality") > 0.05
    assert whole(wrecked_lines, "text.truth_ratio.forget_quality", "P") < 1e-6
    assert whole(wrecked_lines, "text.extraction.score") < 0.05
    found = verdict(wrecked_lines)
    assert found.outcome == "failed_over_forgotten"
    assert any("The model is damaged" in reason.text for reason in found.reasons)
    assert whole(wrecked_lines, "utility.model") < 0.1 < 0.8 < whole(wrecked_lines, "utility.model", "P")


def only(lines, battery):
    return [line for line in lines if line["name"].startswith((battery, "utility"))]


@pytest.mark.parametrize("required", [["text.rouge"], ["text"], []])
def test_rouge_alone_can_pass_nothing(retrained_lines, required):
    """Not even the retrained model, whose ROUGE is as low as can be."""
    assert whole(retrained_lines, "text.rouge.score") < 0.1
    found = verdict(only(retrained_lines, "text.rouge"), required=required)
    assert found.outcome == "inconclusive" and found.judged == []
    assert "Nothing was tried on an erased record." in [reason.text for reason in found.reasons]


def test_a_policy_that_requires_rouge_is_not_satisfied_by_anything_else(retrained_lines):
    lines = [line for line in retrained_lines if not line["name"].startswith("membership")]
    found = verdict(lines, required=["text.rouge"])
    assert found.outcome == "inconclusive"
    assert "The policy asks for text.rouge, and nothing of it was measured." in [
        reason.text for reason in found.reasons
    ]


def test_what_looks_at_deleted_people_or_at_controls_is_sealed(retrained_lines):
    tiers = {line["arm"].split(":")[0]: set() for line in retrained_lines}
    for line in retrained_lines:
        if not line["name"].startswith("utility"):
            tiers[line["arm"].split(":")[0]].add(line["tier"])
    assert tiers["A"] == tiers["B"] == tiers["D"] == tiers["P"] == {"sealed"}
    assert tiers["C"] == {"open"}


def test_right_answers_about_those_who_stay_are_counted_and_never_listed(retrained_lines):
    (own,) = [line for line in retrained_lines if line["name"] == "utility.accuracy" and line["arm"] == "A"]
    assert own["trials"] == len(comparison().retained) and own["per_record"] is None
    assert own["successes"] > 0.8 * own["trials"]


def test_in_a_notebook_the_same_is_measured_without_files(retrained_lines):
    models = LanguageModels(without_them(RETRAINED), original(), (without_them(1), without_them(2)))
    rows = {"forget": people()[:8], "retain": world.retain()[:4], "holdout": never_seen()[:10]}
    lines = assess(models, **rows, params={"membership": ["loss"], "text": ["text.extraction"], "most_new": 4})
    assert {line["arm"] for line in lines} == {line["arm"] for line in retrained_lines}
    bits = {(line["name"], line["arm"], line["budget"]): line["per_record"] for line in retrained_lines}
    for line in lines:
        if line["name"] == "text.extraction" and line["arm"] in ("A", "P", "B:0", "B:1"):
            assert line["per_record"] == bits[line["name"], line["arm"], line["budget"]][:8]


def house_rules(**language):
    """The rules that the platform judges by, of a policy that fits its schema."""
    from governance.verification.families import judged_by_language
    from governance.verification.policies import faults
    from tests.story.world import policy_body

    body = policy_body(verification__language=language, verification__references=2)
    assert faults(body) == []
    return judged_by_language(body["verification"])


def test_the_house_judges_these_lines_as_they_are(retrained_lines):
    rules = house_rules(text=["text.extraction", "text.rouge"]) | {"utility_floor": 0.6}
    assert verdict(only(retrained_lines, "text.extraction"), **rules).outcome == "passed"
    assert verdict(lines_of(original(), text=["text.extraction"]), **rules).outcome == "failed_residual"


def test_a_policy_of_the_house_that_names_only_rouge_passes_nobody(retrained_lines):
    found = verdict(only(retrained_lines, "text.rouge"), **house_rules(text=["text.rouge"]))
    assert found.outcome == "inconclusive"


def test_what_a_policy_names_and_nobody_measured_is_said(retrained_lines):
    found = verdict(
        only(retrained_lines, "text.extraction"), **house_rules(text=["text.extraction"], membership=["zlib"])
    )
    assert found.outcome == "inconclusive"
    assert "The policy asks for membership.zlib.far, and it was not measured." in [one.text for one in found.reasons]
