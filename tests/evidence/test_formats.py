"""The schemas are ordinary JSON Schema, and our small reader of them agrees with a real one."""

import copy
import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from evidence.canonical import CanonicalError, canonical_bytes, parse_canonical
from evidence.checks.listing import form_of
from evidence.schema import faults_of, schema
from tests.evidence.specimen import KINDS, honest_members, listed, trust_document

NAMES = sorted(item.name[: -len(".json")] for item in files("evidence").joinpath("schemas").iterdir())
EXAMPLES = {
    form: parse_canonical(data)
    for kind in KINDS
    for path, data in listed(honest_members(kind), kind).items()
    if (form := form_of(path))
} | {"trust": trust_document()}
EXAMPLES["parts"] = {"format": "obelus/parts/1", "parts": [{"part": "base", "commitment": "hmac:" + "a" * 64}]}
EXAMPLES["part-openings"] = [{"part": "adapter:house_1", "key_hex": "b" * 64}]
EXAMPLES["entry"] = EXAMPLES["entries"][0]["entry"]
SCALARS = st.none() | st.booleans() | st.integers(-2, 3) | st.floats(-1, 2) | st.text(max_size=4) | st.just("infinite")


def test_every_format_has_a_schema_and_an_example() -> None:
    assert set(NAMES) == set(EXAMPLES)


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_a_schema_and_its_example_fits(name: str) -> None:
    Draft202012Validator.check_schema(schema(name))
    assert schema(name)["title"] == f"obelus/{name}/1"
    assert faults_of(name, EXAMPLES[name]) == []
    assert list(Draft202012Validator(schema(name)).iter_errors(EXAMPLES[name])) == []


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(NAMES), st.data())
def test_our_reader_agrees_with_a_real_one(name: str, data: st.DataObject) -> None:
    document = copy.deepcopy(EXAMPLES[name])
    _change_somewhere(document, data)
    try:
        document = parse_canonical(canonical_bytes(document))
    except CanonicalError:
        return
    assert (faults_of(name, document) == []) == Draft202012Validator(schema(name)).is_valid(document)


def _change_somewhere(document: Any, data: st.DataObject) -> None:
    here = document
    while True:
        key = data.draw(st.sampled_from(sorted(here) if isinstance(here, dict) else list(range(len(here)))))
        if isinstance(here[key], (dict, list)) and here[key]:
            here = here[key]
        elif isinstance(here, dict) and data.draw(st.booleans()):
            here["extra"] = here.pop(key)
            return
        else:
            here[key] = data.draw(SCALARS)
            return


def test_the_runners_own_schemas_take_the_same_documents() -> None:
    """The other half of the house has schemas of its job folder; a document of one must be one of the other."""
    for name in ("spec", "result", "measurements"):
        theirs = json.loads(files("unlearning").joinpath("schemas", f"{name}-1.json").read_bytes())
        assert Draft202012Validator(theirs).is_valid(EXAMPLES[name])
        assert set(theirs["properties"]) == set(schema(name)["properties"])


def test_a_keyword_nobody_reads_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    inner = {"type": "array", "items": {"type": "string", "maxLength": 1}}
    (tmp_path / "schemas" / "odd.json").write_text(json.dumps({"properties": {"a": inner}}))
    monkeypatch.setattr("evidence.schema.files", lambda package: tmp_path)
    with pytest.raises(NotImplementedError, match="maxLength"):
        schema("odd")
