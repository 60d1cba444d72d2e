"""What stands on the screen, and the whole telling as a newcomer runs it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from demo.language import __main__ as telling
from demo.language import show, story
from demo.language.beside import Bench, round_of
from demo.language.page import page
from demo.language.rounds import Attempt, Retest, Round, Signs
from demo.language.told import Rung, Told

ROOT = Path(__file__).resolve().parents[2]
OUTSIDE = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "OBELUS_ENV", "OBELUS_VAR", "DATA")
SIGNS = {"probability": 0.5, "known": 6, "lost": 0, "extracted": 1, "texts": 6, "area": 1.0}
RETEST = {"request": 1, "at_rest": SIGNS, "after_steps": SIGNS, "found": "at rest", "overdone": False}
ROUND = {"number": 1, "attempts": [{"way": "rmu", "seconds": 2.0, "retests": [RETEST], "kept": 0.9}]}


def bench(tmp_path: Path, *lines: dict[str, Any], tail: str = "", code: int = 0) -> Bench:
    """A bench that has ended, with these lines."""
    found = Bench.__new__(Bench)
    found.file, found.errors = tmp_path / "bench.jsonl", tmp_path / "bench.log"
    found.file.write_text("".join(json.dumps(line) + "\n" for line in lines) + tail)
    found.child = SimpleNamespace(poll=lambda: code, returncode=code)  # type: ignore[assignment]
    return found


def test_a_round_is_read_as_it_was_written():
    retest = Retest(1, Signs(**SIGNS), Signs(**SIGNS), "at rest")
    assert round_of(ROUND) == Round(1, [Attempt("rmu", 2.0, [retest], 0.9)])


def test_a_line_that_is_not_finished_yet_is_not_read(tmp_path: Path):
    found = bench(tmp_path, {"kind": "round", **ROUND}, tail='{"kind": "rou')
    assert [one.number for one in found.rounds()] == [1]
    assert found.watched("npo") is None


def test_a_method_that_was_not_needed_is_shown_as_not_judged(tmp_path: Path):
    point = {"step": 0, "erased": 0.9, "strangers": 0.1, "kept": 0.9, "area": 1.0, "extracted": 1.0}
    line = {"kind": "watched", "points": [point, {**point, "step": 9}], "ended_at": 3, "because": "of <it>"}
    tried = Rung("npo", "approximate", "gate", {"outcome": "passed"}, {"rung": "unlearned_approximately"})
    told = Told(rungs=[tried])
    story.not_needed(bench(tmp_path, {**line, "method": "npo"}, {**line, "method": "rmu"}), told)
    assert [one.method for one in told.untried] == ["rmu"]
    shown = page(told)
    assert "not needed, and so not judged" in shown and "because of &lt;it&gt;" in shown
    with pytest.raises(story.StoryBroken, match="without a run of rmu"):
        story.not_needed(bench(tmp_path), told)


def test_a_bench_that_failed_breaks_the_story(tmp_path: Path):
    with pytest.raises(story.StoryBroken, match="ended with 3"):
        list(bench(tmp_path, code=3).rounds())


def test_the_closing_table_says_nothing_that_did_not_come_out(tmp_path: Path):
    rung = Rung("npo", "approximate", "stopped", {"outcome": "failed", "kind": "residual"}, {})
    told = Told(people=2, texts=12, source="made", rungs=[rung], rounds=[round_of(ROUND)])
    rows = dict(telling.summary(told, tmp_path))
    assert rows["the ladder"].endswith("failed. Nothing was released.")
    assert rows["ten requests"] == "1 rounds, 0 resurrections seen, still found: 1"
    assert show.round_words(told.rounds) == "request 1: RMU: 1 residual"


def test_a_certificate_is_printed_once_where_the_next_one_differs_by_its_method_alone(capsys: Any):
    body = {"rung": "unlearned_approximately", "limits": ["It is no proof."]}
    verdict = {"outcome": "inconclusive"}
    npo, rmu = (
        Rung(
            name, "approximate", "stopped", verdict, {**body, "method": name, "assumptions": [f"The method {name} ran"]}
        )
        for name in ("npo", "rmu")
    )
    assert show.words_but_method(npo) == show.words_but_method(rmu)
    show.rung(npo, [])
    show.rung(rmu, [npo])
    told = capsys.readouterr().out
    assert told.count("It is no proof.") == 1 and "has the words of the one above" in told


def test_a_candidate_that_was_retrained_is_told_from_one_that_was_unlearned():
    seen = {"status": "stopped", "route": "approximate", "verdicts": [{"body": {"outcome": "passed"}}]}
    tried = story.rung_of({**seen, "certificates": [{"body": {"method": "rmu"}}]}, 1.0)
    anew = story.rung_of({**seen, "status": "gate", "certificates": [{"body": {"rung": "retrained"}}]}, 1.0)
    assert (tried.method, tried.route) == ("rmu", "approximate")
    assert (anew.method, anew.route) == ("retrain", "retrain")


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_one_author_is_erased_and_ten_requests_are_told_and_no_process_is_left(tmp_path: Path):
    var = tmp_path / "demo"
    environment = {name: value for name, value in os.environ.items() if name not in OUTSIDE}
    inner = [sys.executable, "-m", "demo.language"]
    wrapped = [sys.executable, "-m", "governance.embedded", "--var", str(var), "--", *inner]
    told = subprocess.run(wrapped, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert told.returncode == 0, told.stdout[-3000:] + told.stderr[-3000:]
    assert "bundle.zip: verified against the keys" in told.stdout
    assert "What this toy cannot show" in told.stdout
    papers = var / "papers"
    assert {"demo.html", "bundle.zip", "receipt.zip", "report.pdf", "trust.json"} <= {p.name for p in papers.iterdir()}
    lines = [json.loads(line) for line in (papers / "bench.jsonl").read_text().splitlines()]
    assert [line["number"] for line in lines if line["kind"] == "round"] == list(range(1, 11))
