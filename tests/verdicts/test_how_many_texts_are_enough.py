"""How many erased texts let an honest candidate pass: told beforehand in the guide, and afterwards in the verdict."""

import re
from pathlib import Path

import pytest

from governance.verification.power import Design, records_needed
from governance.verification.verdict import Rung, Utility, judge

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "benchmarks" / "results" / "batch-sizes.md").read_text()
GUIDE = (ROOT / "docs" / "language.md").read_text()
CELL = re.compile(r"^(over )?(\d+) \((\d+), (\d+)\)$")


def lines(text: str) -> list[list[str]]:
    """The table whose rows begin with a margin."""
    found = [line.strip("| ").split(" | ") for line in text.splitlines() if re.match(r"\| \d+% \|", line)]
    assert len(found) == 3
    return found


def needed(margin: float, references: int, *, attempt: int) -> int | None:
    return records_needed(
        Design(records=2, references=references, level=0.05 / 2**attempt, margin=margin, rate=0.1, tests=12)
    )


def test_the_guide_says_what_was_measured_and_what_the_verdict_will_say():
    assert lines(GUIDE) == lines(PAGE)
    for head, *cells in lines(GUIDE):
        margin = int(head.removesuffix("%")) / 100
        for references, cell in zip((1, 2, 4, 8), cells, strict=True):
            found = CELL.match(cell)
            assert found, cell
            said = [needed(margin, references, attempt=attempt) for attempt in (1, 3)]
            assert [int(found[3]), int(found[4])] == said
            assert not found[1] or int(found[2]) == 400


@pytest.mark.parametrize("references", [1, 2, 4, 8])
def test_one_author_of_twenty_texts_is_inconclusive_and_the_words_say_how_many_would_do(references: int):
    nothing, strangers = [0] * 20, [1] * 4 + [0] * 36
    rung = Rung(
        budget=0.1, a=nothing, b=[nothing] * references, c=strangers, d=[strangers] * references, e=[], p=[1] * 20
    )
    rules = {"level": 0.05, "margin": 0.1, "utility_floor": 0.5, "resamples": 200, "seed": 0, "references": references}
    found = judge(
        {"membership.loss.near": [rung]}, Utility(successes=99, trials=100), rules | {"required": ["membership"]}
    )
    assert found.outcome == "inconclusive"
    enough = records_needed(Design(records=20, references=references, level=0.025, margin=0.1, rate=0.1, tests=1))
    assert any(reason.open and f"about {enough} records are needed" in reason.text for reason in found.reasons)
