"""verify.language asks beyond the rows where a gate is named: which lines, whose tiers, and no refusal for texts."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests import language_world as world
from unlearning.catalog import scope_rules, with_defaults
from unlearning.language.models import LanguageModel, fresh_llama, save_packed
from unlearning.language.scope.gate import PURPOSES, gate_policy
from unlearning.runner.schemas import faults_of
from unlearning.texts import TextRow, write_texts
from unlearning.verification.language.arms import LanguageModels, TextComparison, TextProbe
from unlearning.verification.language.scope_lines import scope_lines

ENGINE = "verify.language"
FAST = {"most_new": 4, "seed": 3, "text": ["text.probability"], "neighbours": 5}
ARMS = {"A", "B:0", "B:1", "C", "D:0", "D:1", "P"}


def small(seed: int) -> LanguageModel:
    return fresh_llama(world.tokenizer(), width=16, layers=1, heads=2, seed=seed)


def probe(rows: list[TextRow]) -> TextProbe:
    return TextProbe(tuple(rows), ())


@pytest.fixture(scope="module")
def models() -> LanguageModels:
    return LanguageModels(small(1), small(2), (small(3), small(4)))


@pytest.fixture(scope="module")
def measured(models):
    """Lines of one comparison by name and arm; models that know nothing, since only the form is looked at."""
    plain = {}

    def lines(purpose, **more):
        if more or purpose not in plain:
            found = asked(purpose, **more)
            return found if more else plain.setdefault(purpose, found)
        return plain[purpose]

    def asked(purpose, *, rows=None, unseen=None, prefix="", tier="sealed", **params):
        data = TextComparison(
            probe(world.forget() if rows is None else rows),
            probe(world.holdout()[:8] if unseen is None else unseen),
            probe(world.retain()[:24]),
        )
        how = with_defaults(ENGINE, FAST | {"scope": purpose} | params)
        found = scope_lines(models, data, how, prefix=prefix, tier=tier)
        return {(line["name"], line["arm"], line["budget"]): line for line in found}

    return lines


def names(lines):
    return {name for name, _, _ in lines}


@pytest.mark.parametrize("purpose", PURPOSES)
def test_every_rule_of_a_gate_on_scope_gets_its_lines(measured, purpose):
    lines = measured(purpose)
    assert {rule["battery"] for rule in scope_rules(purpose)} == names(lines) - {"scope.tokens"}
    assert faults_of("measurements", {"format": "obelus/measurements/1", "measurements": list(lines.values())}) == []


def test_the_catalog_reads_the_gates_own_files():
    for purpose in PURPOSES:
        rules = [rule for rule in gate_policy(purpose)["rules"] if rule["battery"].startswith("scope.")]
        assert scope_rules(purpose) == rules and any(rule["battery"] == "scope.neighbours" for rule in rules)
        assert gate_policy(purpose)["policy"]["verification"]["language"]["scope"] == purpose


def test_a_person_is_asked_for_in_four_other_ways_beside_strangers_and_controls(measured):
    lines = measured("privacy")
    for kind in ("paraphrase", "cloze", "jailbreak", "multi_hop"):
        assert {arm for name, arm, _ in lines if name == f"scope.{kind}"} == ARMS
        assert lines[f"scope.{kind}", "A", 0.5]["trials"] == lines[f"scope.{kind}", "B:1", 0.5]["trials"] == 8
        assert lines[f"scope.{kind}", "C", 0.5]["trials"] == 8


def test_neighbours_are_asked_of_the_candidate_and_of_all_who_learned_them(measured):
    lines = measured("copyright", neighbours=7)
    assert {arm for name, arm, _ in lines if name == "scope.neighbours"} == {"A", "B:0", "B:1", "P"}
    assert {line["trials"] for (name, _, _), line in lines.items() if name == "scope.neighbours"} == {7}


def test_only_what_never_seen_people_answered_is_open_and_of_canaries_the_candidate_too(measured):
    people, nobody = measured("harm"), measured("harm", prefix="canary.", tier="open")
    assert {arm for (_, arm, _), line in people.items() if line["tier"] == "open"} == {"C"}
    assert {arm for (_, arm, _), line in nobody.items() if line["tier"] == "open"} == {"A", "C"}
    assert nobody["canary.scope.neighbours", "A", 0.5]["tier"] == "sealed", "neighbours are people who stay"


def test_rows_that_cannot_be_asked_so_are_left_out_and_never_refused(measured):
    bare = [TextRow(0, "unknown to all", "yes"), TextRow(1, "what else is there to say", "what else is there to say")]
    assert names(measured("harm", rows=bare)) == {"scope.neighbours"}
    assert "scope.multi_hop" not in names(measured("privacy", rows=bare)), "no name, so no second hop"
    endless = [replace(row, paraphrase="and so on " * 2000) for row in world.forget()[:1]]
    assert "scope.paraphrase" not in names(measured("privacy", rows=endless))


def test_questions_with_other_numbers_of_options_are_not_counted_together(measured):
    rows = [replace(row, wrong=("no", "never", "nobody")[: 3 if at else 1]) for at, row in enumerate(world.forget())]
    lines = measured("harm", rows=rows)
    assert {budget for name, _, budget in lines if name == "scope.choice"} == {4.0}
    assert lines["scope.choice", "A", 4.0]["trials"] == len(rows) - 1


def test_strangers_who_cannot_be_asked_so_leave_the_references_for_a_control(measured):
    lines = measured("privacy", unseen=[TextRow(0, "unknown to all", "yes")])
    assert {arm for name, arm, _ in lines if name == "scope.multi_hop"} == ARMS - {"C", "D:0", "D:1"}


def test_the_engine_writes_them_and_tells_no_text_while_it_runs(lay_out, run_here, tmp_path):
    write_texts(tmp_path / "texts", [*world.forget(), *world.retain()])
    write_texts(tmp_path / "holdout", world.holdout())
    inputs = {name: tmp_path / name for name in ("texts", "holdout")}
    for seed, name in enumerate(("candidate", "original", "reference_0")):
        save_packed(tmp_path / name / "model.safetensors", small(seed))
        inputs[name] = tmp_path / name
    manifests = {
        "forget": {"texts": list(range(8))},
        "retain": {"texts": list(range(8, 20))},
        "holdout": {"holdout": list(range(12))},
    }
    documents = {}
    for name, asked in {"with": {"scope": "privacy"}, "without": {}}.items():
        folder = lay_out(ENGINE, with_defaults(ENGINE, FAST | asked), inputs=inputs, manifests=manifests)
        run_here(folder)
        documents[name] = (folder / "measurements.json").read_bytes()
        told = (folder / "progress.jsonl").read_text() + documents[name].decode()
        assert all(row.answer not in told and row.prompt not in told for row in [*world.forget(), *world.retain()])
    lines = {name: json.loads(document)["measurements"] for name, document in documents.items()}
    beyond = [line for line in lines["with"] if line["name"].startswith("scope.")]
    assert {"scope.cloze", "scope.neighbours"} <= {line["name"] for line in beyond}
    assert [line for line in lines["with"] if line not in beyond] == lines["without"], "and nothing else changes"
