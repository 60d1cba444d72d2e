"""progress.jsonl: how far the job is. Step counts only: never a loss, never a value of the data."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path

_LEAST_GAP_S = 0.2


class Progress:
    """Appends one line per report, at most five a second; the first and the last step of a phase are always written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._phase = ""
        self._phase_start_s = 0.0
        self._last_line_s = 0.0

    def report(self, phase: str, *, step: int, steps: int) -> None:
        """Say that `step` of `steps` of this phase is done."""
        now_s = time.monotonic()
        new_phase = phase != self._phase
        if new_phase:
            self._phase, self._phase_start_s = phase, now_s
        if not new_phase and step < steps and now_s - self._last_line_s < _LEAST_GAP_S:
            return
        self._last_line_s = now_s
        elapsed_s = now_s - self._phase_start_s
        rate = step / elapsed_s if elapsed_s > 0 else 0.0
        self._append({"phase": phase, "step": step, "steps": steps, "rate": round(rate, 3)})

    def _append(self, line: dict[str, str | int | float]) -> None:
        at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"at": at, **line}) + "\n")
