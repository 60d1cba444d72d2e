from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

from unlearning.language.scope import checking
from unlearning.language.scope.forms import commitment, open_part
from unlearning.runner.refusals import Refused

GOLDEN = Path(__file__).parent / "golden" / "forget-manifest-1.json"


@pytest.fixture
def document(manifest, key):
    return manifest.document(key=key)


def test_the_golden_manifest_is_sound_and_the_builder_still_writes_it(document, key):
    golden = json.loads(GOLDEN.read_text())
    assert checking.faults(golden, key=key) == []
    assert document == golden


def test_no_field_may_be_missing_or_added(document):
    assert checking.faults({**document, "name": "Mira Holt"})
    for field in document:
        assert checking.faults({key: value for key, value in document.items() if key != field}), field


def changed(document, path, value):
    found = copy.deepcopy(document)
    *way, last = path
    at = found
    for step in way:
        at = at[step]
    at[last] = value
    return found


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("subject",), "Mira Holt", "subject: expected pattern"),
        (("rows", 0, "slots"), [3, 4, 5, 6], "a probe of every row, got none of 1, slot 6"),
        (("rows", 0, "slots"), [3, 4], "probes of the listed rows only, got one of slot 5"),
        (("probes", "cloze"), 7, "probes.cloze: expected 3"),
        (("sealed", "in_scope", 0, "id"), "3.cloze.0", "each probe id once"),
        (("sealed", "in_scope", 0, "kind"), "neighbour", "expected it among the neighbours"),
        (("sealed", "in_scope", 0, "prompt"), "  ", "sealed.in_scope.0.prompt: expected pattern"),
        (("sealed", "out_of_scope"), [], "at least one neighbour that must survive"),
        (("sealed", "out_of_scope", 0, "slot"), 3, "got slot 3, which is to be forgotten"),
        (("sealed", "aliases"), ["Mira Holt", "Mira", "port lisk"], "a question without the subject's name"),
    ],
)
def test_a_fault_is_named_with_what_was_expected(document, path, value, words):
    assert any(words in fault for fault in checking.faults(changed(document, path, value))), words


def test_a_prompt_that_holds_its_answer_is_a_fault(document):
    answer = document["sealed"]["in_scope"][0]["answer"]
    broken = changed(document, ("sealed", "in_scope", 0, "prompt"), f"Is it true that {answer}")
    assert any("holds it" in fault for fault in checking.faults(broken))


def test_a_neighbour_may_not_say_what_is_forgotten(document):
    answer = document["sealed"]["in_scope"][0]["answer"]
    broken = changed(document, ("sealed", "out_of_scope", 0, "answer"), answer)
    assert any("may stay" in fault for fault in checking.faults(broken))


def test_a_changed_probe_breaks_the_commitment(document, key):
    broken = changed(document, ("sealed", "in_scope", 0, "prompt"), "Something harmless?")
    assert checking.faults(broken) == []
    assert any(fault.startswith("commitment:") for fault in checking.faults(broken, key=key))
    mended = {**broken, "commitment": commitment(broken["sealed"], key=key)}
    assert checking.faults(mended, key=key) == []


def test_no_fault_quotes_a_text(document, key):
    sealed = document["sealed"]
    broken = [
        changed(document, ("subject",), "Mira Holt of Port Lisk"),
        changed(document, ("sealed", "aliases"), ["Mira Holt", "Mira Holt"]),
        changed(document, ("sealed", "in_scope", 0), {"Mira Holt": "Port Lisk"}),
        changed(document, ("sealed", "in_scope", 0, "kind"), "Mira Holt"),
        changed(document, ("sealed", "out_of_scope", 0, "answer"), sealed["in_scope"][0]["answer"]),
        changed(document, ("rows", 0, "dataset"), "Mira Holt"),
        {**document, "Mira Holt": 1},
    ]
    for one in broken:
        found = checking.faults(one, key=key)
        assert found
        assert not any(word in fault for fault in found for word in ("Mira", "Holt", "Lisk", "Orla"))


def test_reading_the_open_part_where_the_texts_are_needed_says_so(document, key, tmp_path):
    path = tmp_path / "open.json"
    path.write_text(json.dumps(open_part(document)))
    with pytest.raises(Refused, match="open the case's own file") as refused:
        checking.read(path, key=key)
    assert refused.value.code == "MANIFEST_UNSOUND"


def test_a_key_given_twice_is_refused(document, key, tmp_path):
    path = tmp_path / "twice.json"
    path.write_text('{"format": 1, ' + json.dumps(document)[1:])
    with pytest.raises(Refused, match="twice"):
        checking.read(path, key=key)
