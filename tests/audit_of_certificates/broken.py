"""Broken engines and a broken accountant: an audit that has nothing to say about them is none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch

from unlearning.accounting import GdpBound, Ledger, Released, price
from unlearning.audit.subject import Subject, certified_engine

torch.set_num_threads(1)


def half_the_noise(start: Any, *, gradient: Any, constants: Any, after_step: Any) -> Any:
    quieter = replace(constants, sigma=constants.sigma / 2)
    return certified_engine(start, gradient=gradient, constants=quieter, after_step=after_step)


def half_the_deletion_steps(start: Any, *, gradient: Any, constants: Any, after_step: Any) -> Any:
    """A deletion is where the record pulls no more."""
    pulled = bool(gradient(torch.zeros(start.shape, dtype=torch.float64)).any())
    fewer = constants if pulled else replace(constants, steps=constants.steps // 2)
    return certified_engine(start, gradient=gradient, constants=fewer, after_step=after_step)


def last_step_without_noise(start: Any, *, gradient: Any, constants: Any, after_step: Any) -> Any:
    noisy, silent = replace(constants, steps=constants.steps - 1), replace(constants, steps=1, sigma=0.0)
    model = certified_engine(start, gradient=gradient, constants=noisy, after_step=after_step)
    return certified_engine(model, gradient=gradient, constants=silent, after_step=after_step)


def no_noise(start: Any, *, gradient: Any, constants: Any, after_step: Any) -> Any:
    """Hardly any: exact ties would hide who was in."""
    silent = replace(constants, sigma=constants.sigma * 1e-6)
    return certified_engine(start, gradient=gradient, constants=silent, after_step=after_step)


class RemembersTheFirst:
    """A cached secret: every further release is drawn around the first one's inner state, not the last one's."""

    def __init__(self) -> None:
        self.inner: dict[int, Any] = {}

    def __call__(self, start: Any, *, gradient: Any, constants: Any, after_step: Any) -> Any:
        model = certified_engine(start, gradient=gradient, constants=constants, after_step=after_step)
        if constants.steps > 1:
            exact = replace(constants, sigma=constants.sigma * 1e-9)
            origin = self.inner.get(len(start), np.zeros_like(start)) if start.any() else np.zeros_like(start)
            self.inner[len(start)] = certified_engine(
                origin, gradient=gradient, constants=exact, after_step=lambda _: None
            )
            return model
        return self.inner[len(start)] + (model - model.mean())


def third_of_the_price(*args: Any, **kwargs: Any) -> Any:
    """An accountant who charges a third of mu."""
    honest = price(*args, **kwargs)
    cheaper = {name: GdpBound(getattr(honest, name).mu / 3) for name in ("a", "b", "b_before")}
    return replace(honest, **cheaper)


def credit_for_later_steps(ledger: Ledger, **kwargs: Any) -> Any:
    """An accountant who forgets that the first later release was seen: every step after it lowers A. Ours once did."""
    return price(replace(ledger, events=tuple(e for e in ledger.events if not isinstance(e, Released))), **kwargs)


BROKEN = {
    "half the noise": Subject(engine=half_the_noise),
    "half the deletion steps": Subject(engine=half_the_deletion_steps),
    "a last step without noise": Subject(engine=last_step_without_noise),
    "a third of the price": Subject(price=third_of_the_price),
}
