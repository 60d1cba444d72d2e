"""`python -m unlearning audit`: what it prints, what it returns, what it refuses."""

from __future__ import annotations

import io
import json
import subprocess
import sys

import pytest

from unlearning.__main__ import main
from unlearning.audit import AUDITS, Finding, Study, cached_state
from unlearning.audit.report import to_json
from unlearning.certified.noise import NoiseStream
from unlearning.meter import Meter

QUICK = ["audit", "gaussian-witness", "--runs", "250000", "--confidence", "0.999"]


def test_an_honest_engine_holds_and_the_table_says_so_in_plain_words(capsys):
    assert main(QUICK) == 0
    said = capsys.readouterr().out
    assert "All 4 held" in said and "proves nothing" in said and "99.9%" in said
    assert "after learning, c = 0.9" in said and "mu 0.5000" in said


def test_a_broken_engine_fails_by_name(capsys, monkeypatch):
    normals = NoiseStream.normals
    monkeypatch.setattr(NoiseStream, "normals", lambda self, count: normals(self, count) / 2)
    assert main(["audit", "gaussian-witness", "--runs", "20000"]) == 1
    said = capsys.readouterr().out
    assert "DID NOT HOLD: gaussian-witness: after learning, c = 0.9: ABOVE ITS CERTIFICATE" in said
    assert "a bug stays" in said


def test_too_few_runs_are_called_too_weak_and_what_to_do_is_said(capsys):
    assert main(["audit", "gaussian-witness", "--runs", "100", "--confidence", "0.999999"]) == 1
    said = capsys.readouterr().out
    assert "TOO WEAK" in said and "Raise --runs" in said


def test_the_list_names_every_audit_its_sentence_and_its_duty(capsys):
    assert main(["audit", "--list"]) == 0
    said = capsys.readouterr().out
    assert all(audit.name in said and audit.sentence in said and audit.must in said for audit in AUDITS.values())


def test_the_findings_come_as_json_too(tmp_path, capsys):
    path = tmp_path / "audit.json"
    assert main([*QUICK[:1], "best-of-five", "--runs", "20000", "--json", str(path)]) == 0
    document = json.loads(path.read_text())
    assert document["format"] == "obelus/audit/1" and document["held"] is True and document["runs"] == 20_000
    assert [finding["verdict"] for finding in document["findings"]] == ["held"] * 3
    assert document["findings"][0]["measured"] > document["findings"][0]["certified"]


def test_no_claim_at_all_is_a_word_in_json():
    finding = Finding(audit="a", what="b", unit="mu", certified=float("inf"), measured=1.0)
    assert json.loads(to_json([finding], study=Study()))["findings"][0]["certified"] == "infinite"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nothing-like-this"], "expected audits among"),
        (["--runs", "5"], "at least 100 runs"),
        (["--confidence", "1"], "expected a confidence"),
        (["--delta", "0"], "expected a delta"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_runs(capsys, arguments, said):
    assert main(["audit", *arguments]) == 64
    assert said in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_refused_before_anything_runs(capsys, tmp_path):
    missing = tmp_path / "missing" / "audit.json"
    assert main([*QUICK, "--json", str(missing)]) == 64
    captured = capsys.readouterr()
    assert "can be written" in captured.err and captured.out == ""


def test_the_names_are_listed_without_waiting_for_torch():
    program = "import sys, unlearning.audit.command; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_speaks_after_two_seconds_with_rate_and_time_left():
    now, stream = [0.0], io.StringIO()
    meter = Meter(stream, clock=lambda: now[0])
    meter.begin("some-audit", 10_000_000)
    for second in (1.0, 2.0, 3.0):
        now[0] = second
        meter.advance(1_000_000)
    assert stream.getvalue() == "some-audit [####----------------] 2.00M/10.00M steps, 1.00M steps/s, 8 s left\n"


def test_progress_on_a_terminal_stays_on_one_line_and_is_wiped():
    now, stream = [0.0], Terminal()
    meter = Meter(stream, clock=lambda: now[0])
    meter.begin("some-audit", 100)
    for second in (2.0, 3.0, 4.0):
        now[0] = second
        meter.advance(10)
    meter.end()
    assert "\n" not in stream.getvalue() and stream.getvalue().count("left") == 3
    assert stream.getvalue().endswith("\r\x1b[K")


def test_every_audit_counts_up_to_the_work_it_announced(monkeypatch):
    """A line that ends at 60 % or runs past the end would be no progress line."""
    monkeypatch.setattr(cached_state, "RELEASES", (1, 20))

    class Counting(Meter):
        def advance(self, steps: int) -> None:
            self.seen = getattr(self, "seen", 0) + steps
            self.announced = self._total

    for audit in AUDITS.values():
        meter = Counting(io.StringIO())
        audit.attack(Study(runs=200, meter=meter))
        assert meter.seen == meter.announced, audit.name
