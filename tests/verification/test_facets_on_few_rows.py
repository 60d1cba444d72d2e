"""A facet that was asked on too few rows is named, and where it is required nobody passes on it."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.console.pages import verdicts
from governance.reports.facts import claim
from governance.verification.few_rows import rows_to_see
from governance.verification.judging import written
from governance.verification.measurement_words import measurement_words
from governance.verification.models import Policy, Verdict
from governance.verification.rungs import Rung, judge_rung, seen_batteries
from governance.verification.scope_words import scope_limits
from governance.verification.statistics import smallest_visible
from tests.language_scope.recorded import N, battery, lines_for, whole
from unlearning.language.scope.gate import policy_body

FACET = "scope.multi_hop"
WORDS = f"{measurement_words(FACET)}: inconclusive, since"
# Of a margin of 15 points at level .05, halved for the first attempt and for each side.
ENOUGH = 27


def verdict(records: int, *, a: float = 0.0, b: float = 0.0, p: float = 1.0, **rules: Any) -> dict[str, Any]:
    """What is written down of a candidate like its references, which two hops could ask about so few rows."""
    found, read = whole("privacy", lines_for("privacy"), memory=0.0)
    others = [line for line in found if line["name"] != FACET]
    policy = Policy(body=policy_body("privacy"), digest="sha256:" + "b" * 64)
    few = battery(FACET, a=a, b=b, p=p, records=records)
    return written(policy, [*others, *few], attempt=1, rules=read | {"resamples": 8} | rules)


def told(body: dict[str, Any]) -> list[str]:
    return [words for words in body["reasons"] if words.startswith(WORDS)]


@pytest.mark.parametrize("records", [1, 3, 5])
def test_so_few_that_nothing_could_be_seen_are_named_beside_a_pass(records: int):
    """Whatever the candidate gives: nobody can tell one row's memory from chance, and the reader is told so."""
    for given_back in (0.0, 1.0):
        body = verdict(records, a=given_back)
        if given_back == 0.0:
            assert body["outcome"] == "passed"
        [words] = told(body)
        assert f"at least {ENOUGH} are needed, and fewer could be asked" in words
        assert "15%" in words and "It is not required: it decided nothing here." in words


def test_of_how_many_erased_rows_a_question_could_be_made_is_nowhere_in_the_open():
    """That says how they are written: how many name somebody, say. Planted rows are nobody's, and are counted."""
    one, other = verdict(3), verdict(5)
    strangers = {each["name"]: each.pop("never_seen") for body in (one, other) for each in body["batteries"]}
    assert one == other and strangers[FACET] == 5, "these fixtures ask as many strangers, which are nobody's secret"
    assert all("records" not in each for each in one["batteries"] if each["name"] == FACET)
    assert {each["records"] for each in one["batteries"] if not each["name"].startswith("scope.")} == {N}


def test_rows_enough_are_not_named():
    assert told(verdict(N)) == told(verdict(ENOUGH)) == [] != told(verdict(ENOUGH - 1))
    assert verdict(ENOUGH)["outcome"] == "passed"


@pytest.mark.parametrize("known_before", [0.0, 1.0])
def test_a_facet_that_is_required_leaves_the_whole_verdict_open(known_before: float):
    required = [*policy_body("privacy")["verification"]["required"], FACET]
    body = verdict(3, p=known_before, required=required)
    assert body["outcome"] == "inconclusive" and "decides" in body
    [words] = told(body)
    assert "It is required, so nobody passes on so few." in words
    assert verdict(N, required=required)["outcome"] == "passed", "the test of the test"


def test_what_is_said_follows_from_counts_alone():
    """Two old models, one of which answered and one of which did not: what everybody reads is the same."""
    assert verdict(3, p=1.0) == verdict(3, p=0.0)


def test_a_facet_that_the_old_model_was_seen_to_answer_is_still_a_doubt_of_its_own():
    """Twelve rows that it all knew: it could see, and so wide an interval passes nobody, as before."""
    body = verdict(12)
    assert body["outcome"] == "inconclusive" and len(told(body)) == 1


def test_without_a_gate_no_facet_is_few():
    assert told(verdict(3, facets=[])) == []


def test_page_report_and_certificate_say_it():
    body = verdict(3)
    [words] = told(body)
    reached = {"event": "verdict:reached", "at": "2026-01-01T00:00:00.000000Z", "body": {"attempts": 1}}
    papers = {"verdict.json": body, "log/entries.json": [{"entry": reached}]}
    assert words in claim.verdict(papers)["reasons"] and words in verdicts.reasons(Verdict(body=body))
    [limit] = scope_limits({"language": {"scope": "privacy"}, "margin": 0.15})
    assert "Where so few rows could be asked in a way that nothing could have been seen, the verdict says" in limit


@settings(max_examples=40, deadline=None)
@given(margin=st.floats(0.02, 0.9), level=st.floats(0.002, 0.2))
def test_one_row_less_could_not_have_shown_it_and_so_many_do(margin: float, level: float):
    needed = rows_to_see(margin, level=level)
    assert needed is not None
    rules = {"margin": margin, "resamples": 20, "seed": 0}

    def shown(count: int) -> bool:
        """Whether a clean candidate is shown to be clean beside an old model that gave everything back."""
        nothing = [0] * count
        rung = Rung(budget=0.5, a=nothing, b=[nothing] * 20, c=[], d=[], e=[], p=[1] * count)
        item = judge_rung("scope.cloze", rung, rules, level=level)
        return item.battery in seen_batteries([item], level=level) and smallest_visible(count, level=level) <= margin

    assert shown(needed) and not shown(needed - 1)


def test_without_a_margin_no_number_of_rows_is_enough():
    assert rows_to_see(0.0, level=0.05) is None and rows_to_see(1.0, level=0.05) == 6
