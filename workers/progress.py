"""Reading progress.jsonl as it grows: only its last whole line matters, and only if it is sound."""

import json
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TAIL_BYTES = 4096
MOST_STEPS = 2**53


@dataclass(frozen=True)
class Seen:
    phase: str = "starting"
    step: int = 0
    steps: int = 0
    rate: float = 0.0


def last_seen(folder: Path) -> Seen:
    """What the runner said last; an engine's odd line shows nothing, it must never stop a heartbeat."""
    path = folder / "progress.jsonl"
    try:
        with path.open("rb") as handle:
            handle.seek(max(0, os.fstat(handle.fileno()).st_size - TAIL_BYTES))
            whole = handle.read().rpartition(b"\n")[0]
        return checked(json.loads(whole.rpartition(b"\n")[2] or b"{}"))
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return Seen()


def checked(line: dict[str, Any]) -> Seen:
    seen = Seen(str(line["phase"]), int(line["step"]), int(line["steps"]), float(line["rate"]))
    sound = 0 <= seen.step <= MOST_STEPS and 0 <= seen.steps <= MOST_STEPS
    if not (sound and math.isfinite(seen.rate) and seen.phase.isprintable()):
        raise ValueError("a progress line out of bounds")
    return seen
