"""Absent means removed: the records were in the old snapshot, and the new one lacks them and nothing else."""

from typing import Any

import pytest

from evidence.faults import Fault, Report
from evidence.snapshot_form import snapshot_document
from evidence.snapshots import Snapshot
from tests.evidence import specimen
from tests.evidence.forging import verdict_on
from tests.evidence.specimen import FORGOTTEN, Erasure


def shown(monkeypatch: pytest.MonkeyPatch, document: Any) -> Report:
    monkeypatch.setattr(specimen, "snapshots", lambda: document)
    return verdict_on(Erasure().members())


def test_presences_are_an_addition_that_older_documents_lack(monkeypatch: pytest.MonkeyPatch) -> None:
    document = specimen.snapshots()
    assert len(document.pop("presences")) == FORGOTTEN
    assert shown(monkeypatch, document).differences == []
    empty = Snapshot([]).head
    assert "presences" not in snapshot_document(old=empty, new=empty, absences=[])


def test_a_presence_that_the_old_root_does_not_prove_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    document = specimen.snapshots()
    document["presences"][1]["mac"] = "0" * 64
    report = shown(monkeypatch, document)
    assert [line.where for line in report.differences] == ["snapshot.json $.presences[1]"]
    assert report.exit_code == Fault.SNAPSHOT


def test_presences_are_of_the_very_records_that_are_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    for forged in (lambda found: found[1:], lambda found: found[::-1], lambda found: [found[0], *found]):
        document = specimen.snapshots()
        document["presences"] = forged(document["presences"])
        with monkeypatch.context() as patch:
            report = shown(patch, document)
        assert [line.where for line in report.differences] == ["snapshot.json records of the presences"]


@pytest.mark.parametrize("size", [12, 13, 17])
def test_the_new_snapshot_lacks_exactly_the_rows_of_the_plan(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Records that were never there are absent too, and other people's rows may not leave along with them."""
    document = specimen.snapshots()
    del document["presences"]
    document["old"]["size"] = size
    report = shown(monkeypatch, document)
    assert [line.where for line in report.differences] == [
        "snapshot.json rows of the old snapshot less those of the new"
    ]
    assert report.exit_code == Fault.SNAPSHOT
