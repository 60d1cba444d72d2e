"""What runs on the engines themselves, in a process of its own: `python -m demo.language.bench`, one JSON line a step.

The house would need minutes for each of ten requests; this asks the same methods and the same re-tests directly. It
writes lines {"kind": "watched" | "round" | "telling", ...} to its output, and nothing else.
"""

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import Any

from demo.language.people import People, chosen
from demo.language.rules import HOUSE, LADDER, SEQUENCE, TEN
from unlearning.texts import TextRow

Line = dict[str, Any]
Authors = tuple[tuple[TextRow, ...], ...]


def main() -> int:
    import torch

    torch.set_num_threads(1)
    os.nice(10)  # the house goes first; what is left over is enough
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    for line in chain(watched_runs(chosen(data, HOUSE)), ten_rounds(chosen(data, TEN))):
        print(json.dumps(line), flush=True)
    return 0


def watched_runs(people: People) -> Iterator[Line]:
    """Each method of the ladder on the house's authors, step by step."""
    from demo.language.honouring import trained
    from demo.language.watched import Sides, watched

    def rows(authors: Authors) -> list[TextRow]:
        return [row for author in authors for row in author]

    tell("training on the authors of the house")
    original = trained(rows(people.learned), seed=1)
    others = people.never_seen[len(people.tested_on) :]
    sides = Sides(people.learned[0], rows(people.learned[1:]), rows(people.tested_on), rows(others))
    for method in LADDER:
        if method != "retrain":
            tell(f"watching {method}")
            yield {"kind": "watched", **asdict(watched(original, sides, method=method, params={}, seed=1))}


def ten_rounds(people: People) -> Iterator[Line]:
    """One request after the other, with every attempt and every re-test."""
    from demo.language.sequence import Rounds, Way

    rounds = Rounds(people, Way(SEQUENCE, {}), told=tell)
    for one in rounds.run(rounds.original()):
        yield {"kind": "round", **asdict(one)}


def tell(words: str) -> None:
    print(json.dumps({"kind": "telling", "words": words}), flush=True)


if __name__ == "__main__":
    sys.exit(main())
