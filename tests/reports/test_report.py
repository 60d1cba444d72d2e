"""The auditor's report: PDF/UA-1, the same facts as the bundle, and no person in it."""

import re
import shutil
import subprocess
import warnings
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from evidence.canonical import parse_canonical
from governance.actors import person
from governance.errors import Conflict
from governance.jobs.models import Certificate, Plan
from governance.reports import services
from governance.reports.bundle import erasure_members
from governance.reports.facts.ending import line
from governance.reports.facts.tested import charts, curves, drawn, tried
from governance.reports.facts.whole import report_facts
from governance.reports.facts.wording import at_most, guess, number
from governance.reports.models import Document
from governance.reports.pdf import typeset
from tests.console.attacked import batteries, measurements
from tests.reports.case import Closed
from tests.story.world import patient

AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
LONGEST_PAGES = 8


@pytest.fixture
def facts(house: Closed) -> dict[str, Any]:
    return report_facts(plan=house.plan, at=AT)


def text_of(pdf: bytes, folder: Path) -> str:
    """What a reader reads, as one line. Without pdftotext the words are not looked at, and the test run says so."""
    if shutil.which("pdftotext") is None:
        warnings.warn("pdftotext (poppler-utils) is not here: the words on the PDF's pages were NOT read", stacklevel=2)
        return ""
    (folder / "report.pdf").write_bytes(pdf)
    command = ["pdftotext", "-layout", str(folder / "report.pdf"), "-"]
    return " ".join(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())


def test_the_report_is_a_tagged_document_with_title_and_language(facts: dict[str, Any]) -> None:
    pdf = typeset(facts, at=AT)
    assert pdf.startswith(b"%PDF-1.7")
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf
    assert b"Erasure report: recurrence risk</rdf:li>" in pdf
    assert b"/Lang(en-GB)" in pdf
    assert b"/MarkInfo<</Marked true" in pdf
    assert b"/DisplayDocTitle true" in pdf
    pages = re.search(rb"<xmpTPg:NPages>(\d+)</xmpTPg:NPages>", pdf)
    assert pages is not None
    assert 4 <= int(pages[1]) <= LONGEST_PAGES


def test_both_charts_can_be_heard(facts: dict[str, Any]) -> None:
    pdf = typeset(facts, at=AT)
    assert pdf.count(b"/S/Figure") == 2
    assert pdf.count(b"/Alt") >= 2


def test_each_drawing_of_the_attack_and_of_sentinels_can_be_heard(facts: dict[str, Any]) -> None:
    attacked_on_planted_records(facts)
    pdf = typeset(facts, at=AT)
    assert pdf.count(b"/S/Figure") == 2 + len(facts["charts"]) + len(facts["curves"]) + 1
    assert "85% at 0.2" in facts["charts"][0]["spoken"]
    assert "erased: 50% at 2 May, 95% at 3 May" in facts["sentinels"][0]["chart"]["spoken"]


def test_the_same_facts_at_the_same_time_give_the_same_bytes(facts: dict[str, Any]) -> None:
    assert typeset(facts, at=AT) == typeset(facts, at=AT)


def test_the_page_says_what_the_bundle_says(house: Closed, facts: dict[str, Any], tmp_path: Path) -> None:
    text = text_of(typeset(facts, at=AT), tmp_path)
    certificate = parse_canonical(erasure_members(house.plan)["certificate.json"])
    wanted = [
        at_most(certificate["a"]["epsilon"]),
        at_most(certificate["b"]["epsilon"]),
        at_most(certificate["b_all_models"]["epsilon"]),
        "No other model here held rows of these people",
        "Cap on B of this model",
        "before the first release",
        Certificate.objects.get(plan=house.plan).digest,
        house.plan.release.checkpoint.object_digest,
        house.plan.ref,
        *parse_canonical(erasure_members(house.plan)["approvals.json"])["approvers"],
        "What this does not say",
        "What was not done",
        "digit reader",
        "None of these people has a record in its dataset.",
        "python -m evidence verify BUNDLE --trust TRUST.json",
        "could have gone unseen",
        "δ is 1 × 10⁻⁵. Rows counted together in this claim: 1.",
        "tried again (exit_137)",
    ]
    missing = [words for words in wanted if text and words not in text.replace("\u200b", "")]
    assert missing == []


def test_no_person_stands_in_the_report(house: Closed, facts: dict[str, Any], tmp_path: Path) -> None:
    said = repr(facts) + text_of(typeset(facts, at=AT), tmp_path)
    folk = house.clinic.folk
    for name in [*(patient(n) for n in (40, 41, 42)), folk.officer.ref, folk.approver.ref, "olivia", "example.org"]:
        assert name not in said


def test_every_destroyed_thing_is_listed_with_its_time(house: Closed, facts: dict[str, Any]) -> None:
    assert len(facts["destruction"]) == house.plan.destruction.count() > 0
    assert all(line["at"].endswith("UTC") for line in facts["destruction"])
    assert not any(line["kept"] for line in facts["destruction"])


def test_weights_whose_bytes_stay_for_another_model_are_said_to_be_kept(
    house: Closed, facts: dict[str, Any], tmp_path: Path
) -> None:
    item = house.plan.destruction.get(kind="weights")
    told = deepcopy(facts)
    told["destruction"][item.position] = line(item, [item.target])
    text = text_of(typeset(told, at=AT), tmp_path)
    assert told["destruction"][item.position]["at"] == "bytes kept"
    assert not text or "another model that never learned from these people is equal to them" in text
    assert not text or "never learned from these people" not in text_of(typeset(facts, at=AT), tmp_path)


def test_each_request_has_its_clock(facts: dict[str, Any]) -> None:
    assert len(facts["requests"]) == 3
    for request in facts["requests"]:
        assert all(at.endswith("UTC") for at in request["steps"].values())
        assert request["spare_days"] >= 27
        assert request["law"] == "GDPR v1"


def test_the_trail_in_the_appendix_is_the_whole_trail(house: Closed, facts: dict[str, Any]) -> None:
    lines = parse_canonical(erasure_members(house.plan)["log/entries.json"])
    assert [line["event"] for line in facts["log"]["entries"]] == [line["entry"]["event"] for line in lines]


def test_a_report_that_was_taken_is_written_down(house: Closed) -> None:
    pdf = services.report_pdf(plan=house.plan, actor=person(house.clinic.folk.auditor, "auditor"))
    assert pdf.startswith(b"%PDF")
    assert Document.objects.latest("id").kind == "report"


def test_an_open_plan_has_no_report(house: Closed) -> None:
    Plan.objects.filter(pk=house.plan.pk).update(status=Plan.Status.GATE)
    with pytest.raises(Conflict, match="when the plan is closed"):
        services.report_pdf(plan=Plan.objects.get(pk=house.plan.pk), actor=house.clinic.operator)


def retrained_without_noise(facts: dict[str, Any]) -> None:
    none = {"mu": None, "mu_words": "not bounded", "epsilon": "not bounded", "guess": "not bounded"}
    zero = {"mu": 0.0, "mu_words": "0", "epsilon": "0", "guess": "50.0 %"}
    changes = {"a": zero, "b": none, "b_before": none, "delta": None, "ledger": None, "events": []}
    facts["certificate"] |= {**changes, "rung": "Retrained without the records"}
    facts["choice"] |= {"compared": False}
    facts["battery"] |= {"engines": [], "open": [], "params": {}, "sealed": 0}


def hundred_people(facts: dict[str, Any]) -> None:
    facts["requests"] = [{**facts["requests"][0], "spare_days": -2}] * 100


def failed_and_alone(facts: dict[str, Any]) -> None:
    canaries = {"outcome": "failed_residual", "records": 8, "reasons": ["They came back."]}
    facts["verdict"] |= {"outcome": "failed", "canaries": canaries, "reasons": []}
    facts["scope"] |= {"untouched": []}
    facts["scope"]["touched"][0]["deployments"] = []


def typed_by_a_joker(facts: dict[str, Any]) -> None:
    """Names come from people; none of them may become markup."""
    facts["model"]["name"] = '#panic() *bold* $x$ "] <b> \\'
    facts["scope"]["untouched"][0]["name"] = '#import "/etc/passwd"'


def held_elsewhere(facts: dict[str, Any]) -> None:
    line = {"name": "survival", "group": 3, "state": "rows still in it", "ledger": "sha256:" + "a" * 64}
    facts["certificate"]["others"] = [line, {**line, "name": "an old one", "ledger": None}]


def of_the_first_format(facts: dict[str, Any]) -> None:
    """A certificate that was issued before other models were counted, for a model without a cap."""
    facts["certificate"] |= {"a_all": None, "b_all": None, "others": [], "cap": None}
    facts["certificate"]["b"] |= {"epsilon": "not bounded"}


def attacked_on_planted_records(facts: dict[str, Any]) -> None:
    """With everything a report can draw: a ladder, a curve, sentinels that came back."""
    opened, _ = measurements()
    facts["charts"], facts["curves"] = charts(opened), curves(opened)
    facts["tried"] = tried(batteries())
    facts["verdict"] |= {"decides": batteries()["decides"]}
    series = [
        {"words": "erased", "tone": "candidate", "points": [None, [0.5, 0.3, 0.7], [0.95, 0.75, 1.0]]},
        {"words": "still held", "tone": "original", "points": [[1.0, 0.9, 1.0]] * 3},
    ]
    asked = {"at": "1 May", "erased": "19 of 20 (75 to 100 %)", "kept": "—", "never_planted": "—", "alarm": True}
    facts["sentinels"] = [
        {
            **{"ref": "sen_" + "0" * 32, "kind": "random records", "count": 40, "planted_at": "1 May 2026"},
            "chart": drawn("Sentinels over releases", "releases", ["1 May", "2 May", "3 May"], series),
            "tests": [{**asked, "outcome": "Erased ones have come back"}],
            "words": "This one knows them again.",
        }
    ]


CHANGES = [
    attacked_on_planted_records,
    retrained_without_noise,
    hundred_people,
    failed_and_alone,
    typed_by_a_joker,
    held_elsewhere,
]


@pytest.mark.parametrize("change", [*CHANGES, of_the_first_format])
def test_other_cases_can_be_set_too(change: Any, facts: dict[str, Any], tmp_path: Path) -> None:
    changed = deepcopy(facts)
    change(changed)
    text = text_of(typeset(changed, at=AT), tmp_path)
    wanted = {"hundred_people": "2 d late", "failed_and_alone": "Failed", "typed_by_a_joker": "#panic() *bold* $x$"}
    wanted["attacked_on_planted_records"] = "Wait and erase about 160 records in one batch"
    wanted["held_elsewhere"] = "none: without a bound"
    assert not text or wanted.get(change.__name__, "not bounded") in text


def test_a_bound_is_never_rounded_down() -> None:
    assert at_most(0.4681) == "0.469"
    assert at_most(1.0000001) == "1.01"
    assert at_most(0.5) == "0.500"
    assert at_most(12.31) == "12.4"
    assert at_most(None) == at_most("infinite") == "not bounded"
    assert guess(0.0) == "50.0 %"
    assert guess(0.1345) == "52.7 %"


def test_numbers_are_written_for_people() -> None:
    assert [number(value) for value in (1e-5, 0.0771, 455, 7.0, 12345678.0)] == [
        "1 × 10⁻⁵",
        "0.0771",
        "455",
        "7",
        "1.23 × 10⁷",
    ]
