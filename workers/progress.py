"""Reading progress.jsonl as it grows: only its last whole line matters."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

TAIL_BYTES = 4096


@dataclass(frozen=True)
class Seen:
    phase: str = "starting"
    step: int = 0
    steps: int = 0
    rate: float = 0.0


def last_seen(folder: Path) -> Seen:
    path = folder / "progress.jsonl"
    try:
        with path.open("rb") as handle:
            handle.seek(max(0, os.fstat(handle.fileno()).st_size - TAIL_BYTES))
            whole = handle.read().rpartition(b"\n")[0]
        line = json.loads(whole.rpartition(b"\n")[2] or b"{}")
        return Seen(str(line["phase"]), int(line["step"]), int(line["steps"]), float(line["rate"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Seen()
