"""All that runs here, and a page about it: `python -m benchmarks.language [--data TOFU] [--repeats 5]`."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import machine, timing
from benchmarks.pages import RESULTS, write


def main() -> None:
    """Measure, and write language-speed.md and language-speed.json."""
    asked = _asked()
    timing.one_thread()
    from benchmarks.language import gpu, material, memory, processes, requests, speed
    from benchmarks.language.words import page

    before = machine.load()
    rows = [material.made_long(), material.made(), *([material.tofu(asked.data)] if asked.data else [])]
    found: dict[str, Any] = {
        "speed": [asdict(speed.measured(given, repeats=asked.repeats)) for given in rows],
        "requests": [asdict(cost) for cost in requests.measured(repeats=asked.repeats)],
        "memory": {name: asdict(peak) for name, peak in memory.measured().items()},
        "processes": [asdict(run) for run in processes.measured(repeats=max(1, asked.repeats // 2))],
        "gpu": [asdict(one) for one in gpu.measured()],
        "peer": None,
    }
    found["machine"] = machine.described(load_before=before)
    found["versions"] = machine.versions("torch", "transformers", "peft", "tokenizers")
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "language-speed.json").write_text(json.dumps(found, indent=1) + "\n")
    write("language-speed.md", page(found))


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.language", description=__doc__)
    parser.add_argument("--data", type=Path, help="a folder with TOFU's full.jsonl: measured as well")
    parser.add_argument("--repeats", type=int, default=5)
    return parser.parse_args()


if __name__ == "__main__":
    main()
