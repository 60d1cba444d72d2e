"""The certificates under attack, at full size: `python -m benchmarks.audit` (six minutes).

First every audit against the real engine and accountant, with more runs than the command takes by itself. Then the
test of the tests: how often the witness catches a broken engine, and how often it accuses an honest one.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import machine
from tests.audit_of_certificates.broken import BROKEN
from unlearning.audit import AUDITS, Finding, Study, Subject
from unlearning.audit.command import conduct
from unlearning.audit.cyclic_witness import attack as cyclic_witness
from unlearning.audit.gaussian_witness import attack as witness
from unlearning.audit.report import HONEST, number
from unlearning.meter import Meter

RESULTS = Path(__file__).parent / "results" / "audit.md"
RUNS, TRIAL_RUNS = 400_000, 50_000
BROKEN_TRIALS, HONEST_TRIALS = 20, 100
Attack = Callable[[Study], list[Finding]]


def accused(attack: Attack, subject: Subject, *, trials: int, what: str) -> int:
    """In how many trials something came out above its certificate."""
    found = 0
    for trial in range(trials):
        findings = attack(Study(runs=TRIAL_RUNS, seed=trial, subject=subject))
        found += any(finding.verdict == "ABOVE ITS CERTIFICATE" for finding in findings)
        print(f"{what}: {trial + 1} of {trials}, accused {found}", file=sys.stderr)
    return found


def trials() -> list[list[str]]:
    """One line for each broken engine, two for honest ones."""
    lines = [
        [what, "gaussian-witness", f"{accused(witness, subject, trials=BROKEN_TRIALS, what=what)} of {BROKEN_TRIALS}"]
        for what, subject in BROKEN.items()
    ]
    for name, attack in (("gaussian-witness", witness), ("cyclic-witness", cyclic_witness)):
        wrongly = accused(attack, Subject(), trials=HONEST_TRIALS, what=f"honest, {name}")
        lines.append(["nothing broken", name, f"{wrongly} of {HONEST_TRIALS}"])
    return lines


def row_of(finding: Finding) -> list[str]:
    return [
        finding.audit,
        finding.what,
        finding.unit,
        number(finding.certified),
        number(finding.measured),
        finding.requirement,
        finding.verdict,
    ]


def markdown(head: list[str], rows: list[list[str]]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows])


def written(findings: list[Finding], caught: list[list[str]], *, before: str, study: Study, spent_s: float) -> str:
    """The page: what was attacked, what was found, and what it does not say."""
    held = sum(finding.held for finding in findings)
    head = ["audit", "what was attacked", "unit", "certified", "measured, at least", "had to", ""]
    return f"""# The certificates under attack

`python -m benchmarks.audit`: every audit of `python -m unlearning audit` with {study.runs:,} runs of each
world. Each measured number is a lower bound at {study.confidence:.0%} confidence; delta {study.delta:g} where an
epsilon is meant. The engine's noise comes from the operating system and has no seed.
{held} of {len(findings)} held, in {spent_s:.0f} s.

{machine.described(load_before=before)}

{markdown(head, [row_of(finding) for finding in findings])}

## The test of the tests

The same attack on engines that are broken on purpose, and on an accountant that charges a third;
{TRIAL_RUNS:,} runs of each world in a trial.

{markdown(["what was broken", "audit", "reported above its certificate"], caught)}

- {" ".join(HONEST)}
- A bound on an exact certificate is lifted above it by chance about once in 300 times, not once in 20: two exact
  intervals at half the risk each are wrong together less often than either.
- A last step without noise shows; an early one without noise would not, because later noise covers it.
- The one-run audit stays far below: 400 guesses, all of them right, could say no more than epsilon 4.8.
- The residual ledger tells a mislabelled outlier from an ordinary record. Two ordinary records it tells apart less.
"""


def main() -> None:
    before, begun = machine.load(), time.monotonic()
    study = Study(runs=RUNS, meter=Meter())
    findings = conduct(list(AUDITS.values()), study)
    spent_s = time.monotonic() - begun
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(written(findings, trials(), before=before, study=study, spent_s=spent_s))
    print(f"written: {RESULTS.relative_to(Path.cwd()) if RESULTS.is_relative_to(Path.cwd()) else RESULTS}")


if __name__ == "__main__":
    main()
