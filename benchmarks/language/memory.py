"""Peak memory of unlearning beside that of training one model with its optimizer: each in a process of its own.

`python -m benchmarks.language.memory NAME` is such a process: it prints bytes, base and peak.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass

from benchmarks import timing

NAMES = ("one model", "ours", "plain")


@dataclass(frozen=True)
class Peak:
    """Bytes that the process held before there was a model, and at most."""

    base: int
    peak: int

    @property
    def over(self) -> int:
        """What the work itself held at most."""
        return self.peak - self.base


def measured() -> dict[str, Peak]:
    """The peak of each contestant."""
    found = {}
    for name in NAMES:
        command = [sys.executable, "-m", "benchmarks.language.memory", name]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        found[name] = Peak(**json.loads(said.splitlines()[-1]))
    return found


def _one(name: str) -> Peak:
    from benchmarks.language.material import BATCH, HEAVY, made_long, model
    from benchmarks.language.ours import our_npo
    from benchmarks.language.plain import LR, plain_npo
    from unlearning.language.training import fit

    material = made_long()
    base = _resident()
    lm = model(material, HEAVY)
    recipe = {"epochs": 1, "batch": BATCH, "lr": LR, "weight_decay": 0.0, "seed": 0}
    work: dict[str, Callable[[], object]] = {
        "one model": lambda: fit(lm, material.retain[: 3 * BATCH], **recipe, template="plain"),  # type: ignore[arg-type]
        "ours": lambda: our_npo(lm, material, epochs=1, watched=True),
        "plain": lambda: plain_npo(lm, material, steps=3),
    }
    work[name]()
    return Peak(base, _resident())


def _resident() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    timing.one_thread()
    print(json.dumps(asdict(_one(sys.argv[1]))))
