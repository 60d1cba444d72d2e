"""Scores made by hand become lines, and the lines a verdict, on both tails."""

import math

import numpy as np
import pytest

from governance.verification.reading import batteries_of
from governance.verification.verdict import Utility, judge
from tests.language_assessment.text_court import POLICY
from unlearning.runner.refusals import Refused
from unlearning.verification.language.answers import AnswerScores
from unlearning.verification.language.knowledge import Asked, Knowledge
from unlearning.verification.language.member_lines import member_lines

ROWS, STRANGERS = 48, 40
KINDS = ["loss", "zlib", "reference", "mink", "minkpp"]


def answers(rng, difficulty, nll):
    """Answers whose tokens' log-probabilities scatter about -nll; a hard row is hard for every model."""
    logs = -np.abs(nll * difficulty + rng.normal(0.0, 0.1 * nll, difficulty.shape))
    return [AnswerScores(row, row > -0.1, np.full(5, -5.0), np.ones(5)) for row in logs]


def knowledge(candidate, *, references=2):
    """The original knows the deleted rows, references do not; the candidate gives them this loss."""
    rng = np.random.default_rng(0)
    own, others = (rng.normal(1.0, 0.2, (count, 5)) for count in (ROWS, STRANGERS))

    def asked(on_deleted, on_unseen, nll):
        return Asked(on_deleted, on_unseen, answers(rng, own, nll), answers(rng, others, 7.0))

    controls = [asked(f"B:{k}", f"D:{k}", 7.0) for k in range(references)]
    texts = [f"answer number {at}" for at in range(ROWS)], [f"other words, {at}" for at in range(STRANGERS)]
    return Knowledge((asked("A", "C", candidate), *controls, asked("P", "", 0.05)), texts)


def lines_of(known, kinds=KINDS, tier="sealed"):
    return member_lines(known, {"membership": kinds}, prefix="", tier=tier)


def verdict(lines, **rules):
    rules = POLICY | {"required": ["membership"]} | rules
    return judge(batteries_of(lines, canaries=False), Utility(successes=99, trials=100), rules)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_finds_what_the_candidate_remembers(kind):
    found = verdict(lines_of(knowledge(0.05), [kind]))
    assert found.outcome == "failed_residual" and f"membership.{kind}.near" in found.reasons[0].text


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_finds_what_was_pushed_below_every_stranger(kind):
    found = verdict(lines_of(knowledge(30.0), [kind]))
    assert found.outcome == "failed_over_forgotten" and f"membership.{kind}.far" in found.reasons[0].text


def test_a_candidate_like_its_references_never_fails():
    assert verdict(lines_of(knowledge(7.0))).outcome == "inconclusive"  # 48 rows are too few for a tenth


def test_areas_and_privacy_leak_are_told_beside_the_bits():
    told = {(line["name"], line["arm"]): line for line in lines_of(knowledge(0.05), ["loss"]) if line["budget"] is None}
    assert told["membership.loss", "A"]["value"] == 1.0
    retrained = np.median([told["membership.loss", f"B:{k}"]["value"] for k in (0, 1)])
    assert told["membership.loss.privleak", "A"]["value"] == pytest.approx(-100.0)
    assert 0.3 < retrained < 0.7
    assert told["membership.loss.roc", "A"]["per_record"][-2:] == [1.0, 1.0]


def test_what_is_compared_with_references_is_sealed_even_on_never_seen_rows():
    tiers = {line["tier"] for line in lines_of(knowledge(7.0), ["reference"], tier="open")}
    assert tiers == {"sealed"}
    canaries = lines_of(knowledge(7.0), ["loss"], tier="open")
    assert {line["arm"] for line in canaries if line["tier"] == "open"} == {"A", "C"}


def test_one_reference_has_nothing_to_be_compared_with():
    with pytest.raises(Refused) as refusal:
        lines_of(knowledge(7.0, references=1), ["reference"])
    assert refusal.value.code == "REFERENCES_TOO_FEW"


def test_without_references_the_leak_is_measured_from_one_half():
    (leak, _) = [
        line for line in lines_of(knowledge(0.05, references=0), ["loss"]) if line["name"].endswith("privleak")
    ]
    assert leak["arm"] == "A" and math.isclose(leak["value"], -100.0, abs_tol=1e-6)
