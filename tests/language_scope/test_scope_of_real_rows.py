"""Manifests of TOFU, KnowUnDo and LUME, whose rows were not made for our templates."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from unlearning.language.scope import checking
from unlearning.language.scope.building import build
from unlearning.language.tofu import imported, read_tofu

REQUEST = {"request": "er_" + "0" * 32, "subject": "0" * 64}


@pytest.fixture
def data():
    folder = os.environ.get("OBELUS_DATA")
    if not folder or not (Path(folder) / "tofu").is_dir():
        pytest.skip("OBELUS_DATA names no folder with tofu, lume and knowundo_privacy: real rows are not asked about")
    return Path(folder)


def elsewhere(rows):
    return [replace(row, slot=row.slot + 100_000) for row in rows]


def test_an_author_of_tofu_is_asked_for_in_every_way(data, key):
    rows = imported(data / "tofu" / "forget01_perturbed.jsonl").rows[:20]
    staying = elsewhere(read_tofu(data / "tofu" / "retain_perturbed.jsonl"))
    made = build(rows, staying=staying, aliases=["Basil Mahfouz Al-Kuwaiti", "Al-Kuwaiti", "Basil"], **REQUEST)
    document = made.document(key=key)
    assert checking.faults(document, key=key) == []
    assert document["probes"]["paraphrase"] == 20 and document["probes"]["neighbour"] == 16
    assert min(document["probes"].values()) >= 12


def test_what_must_survive_of_the_same_person_may_be_her_neighbour(data, key):
    private = [
        row for row in read_tofu(data / "knowundo_privacy" / "unlearn_train.json") if "Isabella Marq" in row.prompt
    ]
    general = elsewhere(read_tofu(data / "knowundo_privacy" / "retention_train.json"))
    made = build(private, staying=general, aliases=["Isabella Marquez"], **REQUEST)
    assert checking.faults(made.document(key=key), key=key) == []
    assert any("Isabella Marquez" in probe.prompt for probe in made.out_of_scope)


def test_a_document_of_lume_without_a_person_has_a_manifest_too(data, key):
    documents = imported(data / "lume" / "forget.jsonl")
    rows = [row for row, of in zip(documents.rows, documents.subjects, strict=True) if of == documents.subjects[0]]
    staying = elsewhere(read_tofu(data / "lume" / "retain.jsonl"))
    made = build(rows, staying=staying, aliases=[], purpose="copyright", **REQUEST)
    assert checking.faults(made.document(key=key), key=key) == []
