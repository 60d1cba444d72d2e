"""The bits that the gates ask for, from models: one that remembers, one retrained, one that lost everything."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests import language_world as world
from unlearning.language.models import LanguageModel
from unlearning.language.scope.building import build
from unlearning.language.scope.forms import Probe
from unlearning.language.scope.gate import gate_policy, judged
from unlearning.language.scope.measuring import (
    choice_lines,
    longest_run,
    neighbour_lines,
    passages_of,
    probe_lines,
    verbatim_lines,
)
from unlearning.language.scope.rules import LENGTHS
from unlearning.runner.refusals import Refused
from unlearning.runner.schemas import faults_of
from unlearning.verification.language.arms import LanguageModels
from unlearning.verification.measurements import document, utility

HOW = {"template": "plain", "tier": "sealed"}
REQUEST = {"request": "er_" + "0" * 32, "subject": "0" * 64}


@pytest.fixture(scope="module")
def beside():
    """A comparison of one candidate with the original and one reference."""
    original, reference = world.trained(), world.retrained()

    def compared(candidate: LanguageModel) -> LanguageModels:
        return LanguageModels(candidate, original, (reference,))

    return compared


@pytest.fixture(scope="module")
def candidates():
    return {"untouched": world.trained(), "retrained": world.retrained(), "emptied": world.untrained(5)}


@pytest.fixture(scope="module")
def asked():
    author = world.authors()[0]
    return build(world.forget(), staying=world.retain(), aliases=[author.name], neighbours=20, **REQUEST)


@pytest.fixture(scope="module")
def strangers():
    author = world.authors()[world.AUTHORS]
    return build(author.rows, staying=world.retain(), aliases=[author.name], neighbours=20, **REQUEST)


def questions(at: int):
    """An author's rows, and as wrong options what three others answer to the same question."""
    others = [world.authors()[world.AUTHORS + 1 + k].rows for k in range(3)]
    rows = world.authors()[at].rows
    return [replace(row, wrong=tuple(other[k].answer for other in others)) for k, row in enumerate(rows)]


def share(lines, name, arm, budget):
    return next(line["value"] for line in lines if (line["name"], line["arm"], line["budget"]) == (name, arm, budget))


def test_the_lines_are_measurements_and_what_deleted_rows_gave_is_sealed(beside, candidates, asked, strangers):
    lines = [
        *probe_lines(beside(candidates["retrained"]), asked, strangers, kind="cloze", **HOW),
        *neighbour_lines(beside(candidates["retrained"]), asked, template="plain"),
        *verbatim_lines(beside(candidates["retrained"]), world.forget(), world.holdout()[:8], **HOW),
    ]
    assert faults_of("measurements", document(lines)) == []
    assert {line["arm"] for line in lines if line["tier"] == "open"} == {"C"}
    assert {line["arm"] for line in lines if line["name"] == "scope.cloze"} == {"A", "B:0", "C", "D:0", "P"}
    lengths = {line["arm"]: (line["tier"], line["trials"]) for line in lines if line["name"] == LENGTHS}
    assert lengths == {"A": ("sealed", len(world.forget())), "C": ("sealed", 8)}


def test_a_record_is_given_back_by_any_of_its_probes(beside, candidates, asked, strangers):
    lines = probe_lines(beside(candidates["untouched"]), asked, strangers, kind="cloze", **HOW)
    assert all(line["trials"] == len(world.forget()) for line in lines if line["arm"] in ("A", "B:0", "P"))
    exact = replace(asked, in_scope=tuple(p for p in asked.in_scope if p.kind == "cloze"))
    given = tuple(Probe(f"{r.slot}.cloze.9", "cloze", r.slot, r.prompt, r.answer) for r in world.forget())
    more = replace(exact, in_scope=(*exact.in_scope, *given))
    both = probe_lines(beside(candidates["untouched"]), more, strangers, kind="cloze", **HOW)
    assert share(both, "scope.cloze", "A", 0.5) >= 7 / 8 > share(lines, "scope.cloze", "B:0", 0.5)


def test_options_are_told_apart_by_what_was_learned_and_guessed_otherwise(beside, candidates):
    lines = choice_lines(beside(candidates["retrained"]), questions(0), questions(world.AUTHORS), **HOW)
    assert share(lines, "scope.choice", "P", 4.0) == 1.0
    assert share(lines, "scope.choice", "A", 4.0) <= 0.75
    assert share(lines, "scope.choice", "A", 4.0) == share(lines, "scope.choice", "B:0", 4.0)


def test_questions_with_unequal_options_are_refused(beside, candidates):
    with pytest.raises(Refused) as refused:
        choice_lines(beside(candidates["retrained"]), [*questions(0)[1:], world.forget()[0]], questions(1), **HOW)
    assert refused.value.code == "OPTIONS_UNEQUAL"


def test_probes_that_were_never_made_are_refused(beside, candidates, asked, strangers):
    bare = replace(asked, in_scope=())
    with pytest.raises(Refused) as refused:
        probe_lines(beside(candidates["retrained"]), bare, strangers, kind="cloze", **HOW)
    assert refused.value.code == "PROBES_MISSING"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("untouched", ("failed", "residual")),
        ("emptied", ("failed", "over_forgotten")),
        # Eight questions are too few to say that somebody guesses.
        ("retrained", ("inconclusive", "")),
    ],
)
def test_the_harm_gate_on_models(beside, candidates, asked, name, expected):
    models = beside(candidates[name])
    lines = choice_lines(models, questions(0), questions(world.AUTHORS), **HOW)
    lines += [*neighbour_lines(models, asked, template="plain"), utility("A", right=90, trials=100)]
    found = judged(lines, gate_policy("harm"))
    assert (found.outcome, found.kind) == expected


def test_the_retrained_keeps_its_neighbours_and_the_emptied_does_not(beside, candidates, asked):
    def state(name: str) -> str:
        lines = neighbour_lines(beside(candidates[name]), asked, template="plain")
        found = judged(lines, gate_policy("copyright"))
        return next(one.state for one in found.answers if one.rule == "neighbours_survive")

    assert [state("retrained"), state("emptied")] == ["holds", "broken"]


def test_what_was_learned_comes_word_for_word_and_what_was_not_does_not(beside, candidates):
    lines = verbatim_lines(beside(candidates["untouched"]), world.forget(), world.holdout()[:8], **HOW)
    [lengths] = [line["per_record"] for line in lines if (line["name"], line["arm"]) == (LENGTHS, "A")]
    long = [length >= 10 for length in lengths]
    assert share(lines, "scope.verbatim", "A", 10.0) == sum(long) / len(long) > 0
    assert share(lines, "scope.verbatim", "B:0", 10.0) == share(lines, "scope.verbatim", "C", 10.0) == 0.0


def test_a_run_is_the_longest_in_a_row():
    assert longest_run([True, True, False, True, True, True, False]) == 3
    assert longest_run([False]) == longest_run([]) == 0


def test_a_long_text_becomes_passages_and_none_is_cut():
    text = " ".join(f"w{number}" for number in range(200))
    rows = passages_of(text, first_slot=7)
    assert [row.slot for row in rows] == [7, 8, 9]
    assert rows[1].prompt.split()[0] == "w60" and rows[1].answer.split()[-1] == "w139"
    assert passages_of("too short", first_slot=0) == []
