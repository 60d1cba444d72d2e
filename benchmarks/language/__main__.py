"""All that runs here, and a page about it: `python -m benchmarks.language [--data TOFU] [--repeats 5]`."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import machine, timing
from benchmarks.pages import RESULTS, write

PARTS = ("speed", "memory", "requests", "processes", "gpu")


def main() -> None:
    """Measure, and write language-speed.md and language-speed.json; `--only` keeps the other parts as they were."""
    asked = _asked()
    timing.one_thread()
    from benchmarks.language.words import page

    file = RESULTS / "language-speed.json"
    found: dict[str, Any] = json.loads(file.read_text()) if asked.only and file.exists() else {}
    for part in asked.only or PARTS:
        before = machine.load()
        found[part] = _measured(part, asked)
        found.setdefault("machine", {})[part] = machine.described(load_before=before)
        found["versions"] = machine.versions("torch", "transformers", "peft", "tokenizers")
        file.write_text(json.dumps(found, indent=1) + "\n")  # after each part: all of them take half an hour
        write("language-speed.md", page(found))


def _measured(part: str, asked: argparse.Namespace) -> Any:
    from benchmarks.language import gpu, material, memory, processes, requests, speed

    if part == "speed":
        rows = [material.made_long(), material.made(), *([material.tofu(asked.data)] if asked.data else [])]
        return [asdict(speed.measured(given, repeats=asked.repeats)) for given in rows]
    if part == "memory":
        return {name: asdict(peak) for name, peak in memory.measured().items()}
    if part == "requests":
        return [asdict(cost) for cost in requests.measured(repeats=asked.repeats)]
    if part == "processes":
        return [asdict(run) for run in processes.measured(repeats=max(1, asked.repeats // 2))]
    return [asdict(one) for one in gpu.measured()]


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.language", description=__doc__)
    parser.add_argument("--data", type=Path, help="a folder with TOFU's full.jsonl: measured as well")
    parser.add_argument("--only", action="append", choices=PARTS, help="measure this part anew")
    parser.add_argument("--repeats", type=int, default=5)
    return parser.parse_args()


if __name__ == "__main__":
    main()
