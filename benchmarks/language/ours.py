"""The engine's loop, driven for a number of steps: cached reference, head on answer tokens, batches of like lengths."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchmarks.language.material import BATCH, Material
from benchmarks.language.plain import BETA, LR
from unlearning.language.models import LanguageModel
from unlearning.language.unlearning import unlearn_in_place
from unlearning.texts import TextRow

Told = Callable[[int, int], None]
_PLAIN_WORK = {"batch": BATCH, "lr": LR, "beta": BETA, "utility_floor": 0.0, "collapse": 0.0, "check_every": 100_000}


def our_npo(
    lm: LanguageModel, material: Material, *, epochs: int, watched: bool = False, told: Told | None = None
) -> int:
    """Steps done. watched: look at the rows and the utility as the engine does unless told otherwise."""
    more = {} if watched else {**_PLAIN_WORK, "save_every": 100_000}
    return _run(lm, [material.forget], material, {"epochs": epochs, "target": "epochs", **more}, told)


def our_requests(lm: LanguageModel, requests: Sequence[list[TextRow]], material: Material, *, epochs: int) -> int:
    """Steps of one run for many requests, which share the pass over the rows to keep."""
    return _run(lm, requests, material, {**_PLAIN_WORK, "epochs": epochs, "target": "epochs", "save_every": 100_000})


def _run(
    lm: LanguageModel,
    requests: Sequence[Sequence[TextRow]],
    material: Material,
    params: dict[str, object],
    told: Told | None = None,
) -> int:
    given = {"method": "npo", "params": params, "seed": 0}
    done = unlearn_in_place(lm, list(requests), material.retain, material.holdout, told=told, **given)  # type: ignore[arg-type]
    return int(done.record["steps"])
