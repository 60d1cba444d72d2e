"""Runs the slow tests and writes down what came of them: `python -m benchmarks.slow_tests [what pytest takes]`.

The page tells every case, passed or not, so that nobody must trust "green". With `--hypothesis-seed` from the page the
invented cases are the same ones; kill drills and draws of noise take their chance from the machine and have no seed.
"""

import secrets
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path

from benchmarks import machine

ROOT = Path(__file__).resolve().parents[1]
XML = ROOT / "build" / "slow-tests.xml"
RESULTS = ROOT / "benchmarks" / "results" / "slow-tests.md"
TO_THE_END = {0, 1}  # all passed, or some failed; anything else left tests out
HEAD = ["where", "what", "result", "counted", "s"]


def run(arguments: list[str]) -> int:
    """pytest on the slow tests; its exit code."""
    XML.parent.mkdir(exist_ok=True)
    XML.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-m", "slow", "--timeout=3600", f"--junitxml={XML}", *arguments]
    return subprocess.run(command, cwd=ROOT).returncode


def with_seed(arguments: list[str]) -> list[str]:
    """Every run has a seed that can be given again."""
    given = any(argument.startswith("--hypothesis-seed") for argument in arguments)
    return arguments if given else [*arguments, f"--hypothesis-seed={secrets.randbelow(2**32)}"]


def outcome(case: ElementTree.Element) -> str:
    """passed, failed, error or skipped."""
    marks = {"failure": "failed", "error": "error", "skipped": "skipped"}
    return next((marks[child.tag] for child in case if child.tag in marks), "passed")


def line(case: ElementTree.Element) -> list[str]:
    """One case as cells; `counted` is what the test itself recorded."""
    counted = "; ".join(f"{found.get('name')}: {found.get('value')}" for found in case.iter("property"))
    where = case.get("classname", "").removeprefix("tests.").replace(".test_", "/")
    what = case.get("name", "").removeprefix("test_").replace("_", " ")
    return [where, what, outcome(case), counted, f"{float(case.get('time', 0)):.0f}"]


def version() -> str:
    """The commit, and whether the working tree differs from it."""
    said = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True)
    return said.stdout.strip() or "unknown"


def page(arguments: list[str], code: int, before: str) -> str:
    lines = [line(case) for case in ElementTree.parse(XML).iter("testcase")]  # noqa: S314 - pytest wrote it just now
    counts = ", ".join(f"{count} {name}" for name, count in sorted(Counter(cells[2] for cells in lines).items()))
    rows = "\n".join("| " + " | ".join(cells) + " |" for cells in [HEAD, ["---"] * len(HEAD), *lines])
    return f"""# The slow tests

`python -m benchmarks.slow_tests {" ".join(arguments)}` at version {version()}: {counts}; exit code {code}.

{machine.described(load_before=before)} Seconds are information only: nothing is asserted on them here.

{rows}
"""


if __name__ == "__main__":
    load_before, asked = machine.load(), with_seed(sys.argv[1:])
    exit_code = run(asked)
    if exit_code not in TO_THE_END:
        sys.exit(f"pytest ended with {exit_code} before it came to the end; the page stays as it was.")
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(page(asked, exit_code, load_before))
    sys.exit(exit_code)
