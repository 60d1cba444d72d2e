"""What runs on the engines themselves, in a process of its own: `python -m demo.language.bench`, one JSON line a step.

The house would need minutes for each of ten requests; this asks the same methods and the same re-tests directly. It
writes lines {"kind": "watched" | "round" | "telling", ...} to its output, and nothing else.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from demo.language.people import People, chosen
from demo.language.rules import LADDER, SEQUENCE

Line = dict[str, Any]


def main() -> int:
    import torch

    torch.set_num_threads(1)
    people = chosen(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    for line in lines(people):
        print(json.dumps(line), flush=True)
    return 0


def lines(people: People) -> Iterator[Line]:
    from demo.language.sequence import Rounds, Way
    from demo.language.watched import watched

    rounds = Rounds(people, Way(SEQUENCE, {}), told=tell)
    original = rounds.original()
    for method in LADDER:
        if method != "retrain":
            tell(f"watching {method}")
            found = watched(
                original,
                people.learned[0],
                rounds.kept([1]),
                stopping=rounds.stopping,
                judging=rounds.judging,
                method=method,
                params={},
                seed=1,
            )
            yield {"kind": "watched", **asdict(found)}
    for one in rounds.run(original):
        yield {"kind": "round", **asdict(one)}


def tell(words: str) -> None:
    print(json.dumps({"kind": "telling", "words": words}), flush=True)


if __name__ == "__main__":
    sys.exit(main())
