"""The bench, running beside the house: started early, read late."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from demo.house import ROOT
from demo.language.rounds import Attempt, Retest, Round, Signs
from demo.screen import StoryBroken

PATIENCE_S = 1200.0
LOOK_EVERY_S = 0.3
Line = dict[str, Any]


class Bench:
    """A child process whose lines are kept in a file; killed with the telling."""

    def __init__(self, out: Path, data: Path | None) -> None:
        self.file, self.errors = out / "bench.jsonl", out / "bench.log"
        command = [sys.executable, "-m", "demo.language.bench", *([str(data)] if data else [])]
        with self.file.open("wb") as lines, self.errors.open("wb") as errors:
            self.child = subprocess.Popen(command, stdout=lines, stderr=errors, stdin=subprocess.DEVNULL, cwd=ROOT)

    def __enter__(self) -> "Bench":
        return self

    def __exit__(self, *_: object) -> None:
        self.child.kill()
        self.child.wait()

    def so_far(self) -> list[Line]:
        whole = self.file.read_text("utf-8").splitlines(keepends=True)
        return [json.loads(line) for line in whole if line.endswith("\n")]

    def watched(self, method: str) -> Line | None:
        """The run of this method, as soon as it is there; None while it is not."""
        return next((line for line in self.so_far() if line["kind"] == "watched" and line["method"] == method), None)

    def until(self, there: Callable[[], bool]) -> bool:
        """Wait until it is so; False when the child ended before.

        Raises:
            StoryBroken: it took too long, or the child failed.
        """
        end = time.monotonic() + PATIENCE_S
        while not there():
            if self.child.poll() is not None:
                if self.child.returncode:
                    raise StoryBroken(f"the bench ended with {self.child.returncode}; see {self.errors}")
                return there()
            if time.monotonic() > end:
                raise StoryBroken(f"waited {PATIENCE_S:.0f} s for the bench in vain; see {self.file}")
            time.sleep(LOOK_EVERY_S)
        return True

    def rounds(self) -> Iterator[Round]:
        """Each round as it comes, to the last."""
        seen: list[Round] = []
        while self.until(lambda: len(self._rounds()) > len(seen)):
            seen.append(round_of(self._rounds()[len(seen)]))
            yield seen[-1]

    def _rounds(self) -> list[Line]:
        return [line for line in self.so_far() if line["kind"] == "round"]


def round_of(line: Mapping[str, Any]) -> Round:
    return Round(line["number"], [attempt_of(attempt) for attempt in line["attempts"]])


def attempt_of(line: Mapping[str, Any]) -> Attempt:
    return Attempt(line["way"], line["seconds"], [retest_of(retest) for retest in line["retests"]], line["kept"])


def retest_of(line: Mapping[str, Any]) -> Retest:
    at_rest, after_steps = (Signs(**line[name]) for name in ("at_rest", "after_steps"))
    return Retest(line["request"], at_rest, after_steps, line["found"], line["overdone"])
