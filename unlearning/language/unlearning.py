"""The Python door to all methods of unlearning in language models."""

from __future__ import annotations

import hashlib
import json
import math
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from unlearning.catalog import validate_params, with_defaults
from unlearning.language.adapters import merged, with_adapter
from unlearning.language.distributed.company import ALONE, Company
from unlearning.language.losses.rmu import direction
from unlearning.language.methods import Method, Options
from unlearning.language.models import LanguageModel
from unlearning.language.resuming import Shelf
from unlearning.language.scoring import base, blocks, finite
from unlearning.language.stopping import Seen, Watch
from unlearning.language.training import adamw, checkpointing
from unlearning.language.unlearning_cache import kept
from unlearning.language.unlearning_loop import Run, Stopped, Told, run
from unlearning.language.unlearning_passes import Passes
from unlearning.language.unlearning_task import Rows, Task, task_of
from unlearning.language.unlearning_where import where
from unlearning.runner.refusals import Refused

ENGINE = "language.unlearn"
WHY: dict[Stopped, str] = {
    "target": "the rows to forget are as improbable as never-trained ones, and stayed so",
    "epochs": "all planned steps were done",
    "collapse": "the guard halted a collapsing run: the rows to keep were being lost",
}


@dataclass(frozen=True)
class Unlearned:
    """What a run gave. stopped_because: target, epochs or collapse; `WHY` says it in words.

    curves: {step, pushed, forget, holdout, utility}, probabilities as means over rows, utility as a share of the
    original's. record: method, parameters, seed, global batch, digest of the planned data order, steps, best step.
    """

    lm: LanguageModel
    curves: list[dict[str, float]]
    stopped_because: Stopped
    record: dict[str, Any]


def unlearn(lm: LanguageModel, forget: Rows | Sequence[Rows], retain: Rows, holdout: Rows, **asked: Any) -> Unlearned:
    """As `unlearn_in_place`, on a copy: the model itself is left as it was, and memory holds it twice."""
    return unlearn_in_place(LanguageModel(deepcopy(lm.model), lm.tokenizer), forget, retain, holdout, **asked)


def unlearn_in_place(
    lm: LanguageModel,
    forget: Rows | Sequence[Rows],
    retain: Rows,
    holdout: Rows,
    *,
    method: str,
    params: Mapping[str, Any] | None = None,
    seed: int = 0,
    told: Told | None = None,
    resume: Path | None = None,
    only: Mapping[str, Tensor] | None = None,
    company: Company = ALONE,
) -> Unlearned:
    """Make a model forget rows; the claim is `unlearned_approximately`: whether it did is for an attack to say.

    forget: rows of one request, or a list of such lists; all share one pass over `retain`. holdout: rows that nothing
    was trained on, never trained on here either. params: options of the method (parameters/language_methods.py).
    resume: a folder for the state of a run that may be killed; the same call goes on from it and gives the same bytes.
    only: boolean masks by parameter name, weights outside which stay as they are; the option `where` picks some by
    itself. One thread and the same arguments give the same bytes.
    Raises: WrongParamsError for an unknown method or option; Refused with NO_ROWS, HOLDOUT_MISSING,
    ALTERNATIVES_MISSING, WEIGHTS_UNKNOWN, WEIGHTS_CHOSEN_TWICE, WEIGHTS_DECAY, TRAINING_DIVERGED, a code of `encode`,
    LAYER_UNKNOWN or STATE_OF_ANOTHER_RUN.
    """
    asked = {"method": method, "seed": seed, **(params or {})}
    validate_params(ENGINE, asked)
    options = with_defaults(ENGINE, asked)
    task = task_of(lm.tokenizer, forget, retain, holdout, options)
    adapted = _movable(lm, options)
    with _computing(adapted, options):
        # Before a state is put back: a half-done model would have other weights chosen.
        place = where(adapted.model, task.sides, options, only=only, company=company)
        with _shelf(adapted, task, options, resume, place.digest) as shelf:
            given = _run(adapted, task, options, shelf, told or _silent, place.masks, company)
            stopped, steps = run(given)
            done = _sound(merged(adapted) if "rank" in options else adapted)
            if company.leads:
                shelf.clear()
    seen = given.watch.seen
    return Unlearned(done, seen.curves, stopped, _record(task, options, stopped, steps, seen) | place.record())


def _movable(lm: LanguageModel, options: Options) -> LanguageModel:
    """All weights, adapters included; or one new adapter, on a model whose others are merged, for they would be off."""
    if "rank" in options:
        return with_adapter(merged(lm), rank=options["rank"], alpha=2.0 * options["rank"], seed=options["seed"])
    lm.model.requires_grad_(True)
    return lm


@contextmanager
def _computing(lm: LanguageModel, options: Options) -> Iterator[None]:
    """The precision of the passes, and recomputed states where they are asked for. The model stays in eval mode."""
    on, device = options["checkpointing"], lm.model.device.type
    half = torch.autocast(device, torch.bfloat16, enabled=options["precision"] == "bfloat16")
    with half, checkpointing(lm, on=on):
        for block in blocks(lm.model) if on else ():
            # Blocks recompute only in train mode. This one attribute alone: their dropouts stay off.
            block.training = True
        yield


def _run(
    lm: LanguageModel,
    task: Task,
    options: Options,
    shelf: Shelf,
    told: Told,
    chosen: Mapping[str, Tensor] | None,
    company: Company,
) -> Run:
    used = sorted({row for step in task.plan for row in step.retain})
    sides = task.sides
    old = kept(
        lm.model,
        task.method,
        options,
        forget=sides.forget,
        alternatives=sides.alternatives,
        retain=sides.retain,
        used=used,
    )
    passes = Passes(lm.model, task.method, options, sides, old, _aim(lm.model, task.method, options))
    watched = {"forget": sides.forget, "holdout": task.holdout, "retain": sides.retain}
    watch = Watch(lm.model, options, **watched, requests=task.requests, company=company)
    masks = _masks(lm.model, chosen)
    weights = [weight for weight in lm.model.parameters() if weight.requires_grad]
    adam = adamw(weights, lr=options["lr"], weight_decay=options["weight_decay"])
    return Run(passes, task.plan, watch, shelf, adam, company, told, masks)


def _aim(model: Any, method: Method, options: Options) -> Tensor:
    if "layer" not in method.needs:
        return torch.empty(0)
    drawn_D = direction(base(model).config.hidden_size, seed=options["seed"])
    length: float = options["steering"]
    return length * drawn_D.to(model.device, next(model.parameters()).dtype)


def _masks(model: Any, chosen: Mapping[str, Tensor] | None) -> list[tuple[nn.Parameter, Tensor]]:
    if chosen is None:
        return []
    named = dict(model.named_parameters())
    if unknown := set(chosen) - set(named):
        raise Refused("WEIGHTS_UNKNOWN", f"{len(unknown)} masks name no weight.", "Use names of named_parameters().")
    # As bools: as numbers they would take as much room as the weights.
    return [
        (weight, chosen[name].to(weight.device) if name in chosen else torch.zeros_like(weight, dtype=torch.bool))
        for name, weight in named.items()
        if weight.requires_grad
    ]


@contextmanager
def _shelf(lm: LanguageModel, task: Task, options: Options, resume: Path | None, chosen: str) -> Iterator[Shelf]:
    if resume is not None:
        yield Shelf(resume, lm.model.named_parameters(), fingerprint=_fingerprint(lm.model, task, options, chosen))
        return
    with tempfile.TemporaryDirectory(prefix="obelus-unlearning-") as folder:
        yield Shelf(Path(folder), lm.model.named_parameters(), fingerprint="")


def _fingerprint(model: Any, task: Task, options: Options, chosen: str) -> str:
    """A digest of everything that the bytes of the result depend on; chosen: digest of the weights that may move."""
    texts = [[row.ids for row in side] for side in (task.sides.forget, task.sides.alternatives, task.sides.retain)]
    said = [dict(options), task.order, task.requests, texts, [row.ids for row in task.holdout], chosen]
    digest = hashlib.sha256(json.dumps(said, sort_keys=True).encode())
    for name, weight in sorted(model.named_parameters()):
        digest.update(name.encode() + weight.detach().cpu().contiguous().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def _record(task: Task, options: Options, stopped: Stopped, steps: int, seen: Seen) -> dict[str, Any]:
    return {
        "method": options["method"],
        "params": dict(options),
        "seed": options["seed"],
        "global_batch": {"forget_per_request": options["batch"], "retain": options["batch"]},
        "data_order": task.order,
        "requests": len(task.requests),
        "steps": steps,
        "planned_steps": len(task.plan),
        "chosen_step": steps if stopped == "target" or math.isinf(seen.best) else seen.best_step,
        "stopped_because": stopped,
        "reason": WHY[stopped],
        "search_grid": "benchmarks/results/language-sweep.md",
    }


def _sound(lm: LanguageModel) -> LanguageModel:
    if not finite(lm.model):
        raise Refused("TRAINING_DIVERGED", "expected finite weights, got NaN or infinity.", "Choose a smaller lr.")
    lm.model.eval()
    return lm


def _silent(_step: int, _steps: int) -> None:
    """Nobody asked."""
