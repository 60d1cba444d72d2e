from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unlearning.language.scope import checking
from unlearning.language.scope.building import any_of, asked_slots, build, probe_rows
from unlearning.language.scope.forms import IN_SCOPE, ForgetManifest, open_part, subject_index
from unlearning.language.scope.templates import cloze, two_hops, unnamed, within
from unlearning.runner.refusals import Refused
from unlearning.texts import TextRow, read_texts, write_texts

REQUEST = "er_0123456789abcdef0123456789abcdef"


def test_every_row_is_asked_for_in_all_four_ways(manifest):
    for slot in (3, 4, 5):
        assert {probe.kind for probe in manifest.in_scope if probe.slot == slot} == set(IN_SCOPE)


def test_a_built_manifest_is_sound_and_reads_back_the_same(manifest, key, tmp_path):
    document = manifest.document(key=key)
    assert checking.faults(document, key=key) == []
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(document))
    assert checking.read(path, key=key) == manifest


def test_the_open_part_names_nobody(manifest, key):
    shown = open_part(manifest.document(key=key))
    assert checking.faults(shown, key=key) == []
    text = json.dumps(shown).casefold()
    for secret in ("mira", "holt", "lisk", "salt stair", "orla", "example.org"):
        assert secret not in text
    assert shown["subject"] == manifest.subject and len(manifest.subject) == 64


def test_the_index_depends_on_the_key_and_is_no_plain_hash(key):
    assert subject_index("mira@example.org", key=key) != subject_index("mira@example.org", key=key[::-1])
    with pytest.raises(ValueError, match="at least 32"):
        subject_index("mira@example.org", key=b"short")


def test_the_index_is_the_one_that_the_platform_makes_under_the_same_key(monkeypatch, key):
    from governance.lineage import identifiers

    monkeypatch.setattr(identifiers, "index_key", lambda: key)
    assert identifiers.subject_index("mira@example.org") == subject_index("mira@example.org", key=key)


def test_a_cloze_leaves_open_what_the_question_does_not_tell():
    row = TextRow(0, "Where was Mira Holt born?", "Mira Holt was born in Port Lisk.")
    prompt, answer = cloze(row)
    assert (prompt, answer) == ("Where was Mira Holt born? Mira Holt was born", "in Port Lisk.")
    assert cloze(TextRow(0, "Is it Lima?", "It is Lima.")) is None


def test_two_hops_lead_to_the_person_without_a_name():
    first = TextRow(0, "What did Ann Lee write?", "Ann Lee wrote The Salt Stair.")
    second = TextRow(1, "Where was Ann Lee born?", "Lee was born in Tarn.")
    prompt, answer = two_hops(second, [first, second], ["Lee", "Ann Lee"])
    assert "Ann" not in prompt and "The Salt Stair" in prompt and answer == second.answer
    assert two_hops(second, [second], ["Ann Lee"]) is None
    assert two_hops(TextRow(2, "What is it?", "A stair."), [first], ["Ann Lee"]) is None


def test_an_alias_is_taken_out_as_a_word_only():
    assert unnamed("Leeward, said LEE.", ["Lee"]) == "Leeward, said this person."


def test_the_nearest_neighbour_is_asked_the_same_question(manifest):
    assert manifest.out_of_scope[0].slot == 0
    assert {probe.slot for probe in manifest.out_of_scope} == {0, 1, 2}
    assert manifest.out_of_scope[-1].wrong or manifest.out_of_scope[1].wrong


def test_a_row_that_repeats_a_forgotten_answer_is_no_neighbour(forgotten, staying):
    copy = TextRow(9, "Another way to ask?", forgotten[0].answer)
    subject = "0" * 64
    made = build(forgotten, staying=[*staying, copy], request=REQUEST, subject=subject, aliases=["Mira Holt"])
    assert 9 not in {probe.slot for probe in made.out_of_scope}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"purpose": "fun"}, "PURPOSE_UNKNOWN"),
        ({"rows": []}, "NO_ROWS"),
        ({"staying": [TextRow(3, "One?", "Two.")]}, "ROWS_BOTH"),
    ],
)
def test_an_impossible_request_is_refused_with_its_reason(forgotten, staying, change, code):
    given_ = {"rows": forgotten, "staying": staying, **change}
    rows = given_.pop("rows")
    with pytest.raises(Refused) as refused:
        build(rows, request=REQUEST, subject="0" * 64, aliases=[], **given_)
    assert refused.value.code == code


def test_probes_are_rows_that_an_object_can_hold(manifest, tmp_path):
    rows = probe_rows(manifest, ["jailbreak", "neighbour"])
    write_texts(tmp_path / "probes", rows)
    assert read_texts(tmp_path / "probes", range(len(rows))) == rows
    assert len(asked_slots(manifest, ["jailbreak", "neighbour"])) == len(rows)


def test_one_way_of_asking_that_succeeds_is_enough():
    assert any_of([0, 1, 0, 0], [7, 7, 8, 8]) == {7: 1, 8: 0}


WORDS = st.lists(st.text("abcdeXYZ", min_size=1, max_size=4), min_size=1, max_size=6).map(" ".join)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=4), WORDS)
def test_whatever_the_rows_say_no_probe_gives_its_answer_away(texts, alias):
    rows = [TextRow(slot, prompt, answer) for slot, (prompt, answer) in enumerate(texts)]
    staying = [TextRow(99, "What is never said?", "quux")]
    made = build(rows, staying=staying, request=REQUEST, subject="0" * 64, aliases=[alias])
    assert not any(within(probe.answer, probe.prompt) for probe in made.in_scope)
    assert isinstance(made, ForgetManifest) and made.rows["texts"] == tuple(range(len(rows)))
    assert made == build(rows, staying=staying, request=REQUEST, subject="0" * 64, aliases=[alias])
