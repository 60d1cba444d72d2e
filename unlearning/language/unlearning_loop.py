"""The loop that all methods share: one pass over rows still to be forgotten, one over rows to keep, one step.

A pass whose weight is zero does not run. Rows at the target are no longer pushed; the rows to keep go on, and the run
ends when the target has outlasted `hold` such steps and the utility is above its floor.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import torch

from unlearning.language.distributed.company import Company
from unlearning.language.encoding import Encoded
from unlearning.language.resuming import Shelf
from unlearning.language.stepping import bisected, halt
from unlearning.language.stopping import UTILITY_EVERY, Watch
from unlearning.language.unlearning_passes import Passes
from unlearning.language.unlearning_plan import Step

Stopped = Literal["target", "epochs", "collapse"]
Told = Callable[[int, int], None]


@dataclass(frozen=True)
class Run:
    """All that a run needs. masks: weights of which only a part may move, with that part."""

    passes: Passes
    plan: Sequence[Step]
    watch: Watch
    shelf: Shelf
    optimiser: torch.optim.AdamW
    company: Company
    told: Told
    masks: Sequence[tuple[torch.nn.Parameter, torch.Tensor]] = ()


def run(given: Run) -> tuple[Stopped, int]:
    """Go on from the saved state, or from the start, to the end; leaves the chosen weights in the model.

    Gives why it stopped and the number of the last step. Raises: Refused with a code of the shelf.
    """
    begun = _begun(given)
    save_every = given.passes.options["save_every"]
    stopped: Stopped | None = None
    step = begun
    while stopped is None and step < len(given.plan):
        step += 1
        stopped = _after(given, step, _one_step(given, given.plan[step - 1]))
        given.told(step, len(given.plan))
        if stopped is None and step % save_every == 0 and given.company.leads:
            given.shelf.save(step, given.watch.seen, given.optimiser)
    if stopped is None:
        stopped = "epochs"
        _last_look(given, step)
    if stopped != "target" and _chooses(given):
        given.optimiser.state.clear()  # the chosen weights need no more room than the optimizer had
        if given.company.leads:
            given.shelf.take_best()
        given.company.hand_out(given.passes.model)
    return stopped, step


def _begun(given: Run) -> int:
    restored = given.shelf.restore(given.optimiser)
    if restored is not None:
        step, given.watch.seen = restored
        return step
    given.watch.note(0, 0)
    _weigh(given, 0)
    return 0


def _one_step(given: Run, step: Step) -> tuple[int, dict[int, float]]:
    """Both passes and the step; gives how many rows were pushed, and their losses where the pass saw them."""
    passes = given.passes
    given.optimiser.zero_grad(set_to_none=True)
    weights = _weights(given, step) if passes.options["forget_weight"] else {}
    mine = given.company.mine(sorted(weights))
    seen = passes.forget({row: weights[row] for row in mine}) if mine else {}
    kept = given.company.mine(step.retain)
    if kept:
        passes.retain(kept, _tokens(passes.sides.retain, step.retain))
    if weights or step.retain:
        given.company.settle(passes.model)
        for weight, mask in given.masks:
            if weight.grad is not None:
                weight.grad.mul_(mask)
        given.optimiser.step()
    return len(weights), seen


def _weights(given: Run, step: Step) -> dict[int, float]:
    """The weight of each row that is pushed; the requests' together is one, so that more of them do not drown the kept.

    A row that rests takes none of its weight to the others.
    """
    found: dict[int, float] = {}
    for request, rows in enumerate(step.forget):
        over_tokens = given.passes.method.over == "tokens"
        whole = _tokens(given.passes.sides.forget, rows) if over_tokens else len(rows)
        found |= dict.fromkeys(given.watch.pushed(rows, request), 1 / (whole * len(step.forget)))
    return found


def _after(given: Run, step: int, done: tuple[int, dict[int, float]]) -> Stopped | None:
    """Look, take back what went too far, remember the best, and say whether to stop."""
    watch, options = given.watch, given.passes.options
    pushed, seen = done
    due = step % options["check_every"] == 0
    utility_due = step % (options["check_every"] * UTILITY_EVERY) == 0
    # Each process saw its own rows' losses only; whether to look must not differ between them, so all of them ask.
    near = watch.near(seen)
    if due and (utility_due or near or (watch.aims and not pushed)):
        watch.look()
        if watch.aims and pushed and watch.beyond() > options["slack"]:
            bisected(given.optimiser, lambda: _beyond(watch), slack=options["slack"])
    given.optimiser.zero_grad(set_to_none=True)  # not needed any more, and a look must not be where memory is highest
    reached = due and watch.aims and watch.reached()
    if due and watch.aims and watch.rests() and pushed:
        halt(given.optimiser)
    watch.seen.held = 0 if pushed or (due and not reached) else watch.seen.held + 1
    outlasted = watch.seen.held >= options["hold"] and not watch.too_far()
    settled = reached and (outlasted or not given.plan[step - 1].retain)
    if utility_due or settled:
        watch.look_at_utility()
        _weigh(given, step)
        watch.note(step, pushed)
        if pushed and watch.seen.low:
            halt(given.optimiser)
    if given.company.agree(float(watch.collapsed())):
        return "collapse"
    return "target" if given.company.agree(float(settled and watch.useful())) else None


def _beyond(watch: Watch) -> float:
    watch.look()
    return watch.beyond()


def _last_look(given: Run, step: int) -> None:
    """The end is a state to choose, and a point of the curves, whatever step it is."""
    if given.watch.seen.curves[-1]["step"] == step:
        return
    given.watch.look()
    given.watch.look_at_utility()
    _weigh(given, step)
    given.watch.note(step, 0)


def _weigh(given: Run, step: int) -> None:
    """Remember the state if it is the best one above the floor."""
    seen = given.watch.seen
    if not _chooses(given) or not given.watch.useful() or (step and given.watch.distance() > seen.best):
        return
    seen.best, seen.best_step = given.watch.distance(), step
    if given.company.leads:
        given.shelf.keep_best()


def _chooses(given: Run) -> bool:
    """Without a floor the last state is taken as it is, and nothing is written down before."""
    return float(given.passes.options["utility_floor"]) > 0


def _tokens(encoded: Sequence[Encoded], rows: Sequence[int]) -> int:
    return sum(len(encoded[row].answer) for row in rows)
