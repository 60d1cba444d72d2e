"""Membership as measurement lines: bits for two tails and every arm, areas with intervals, and whole curves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from unlearning.runner.refusals import Refused
from unlearning.verification.measurements import Measurement, Tier, bits_line, tier_of, values_line
from unlearning.verification.members import tails
from unlearning.verification.members.curves import auc, auc_interval, roc
from unlearning.verification.members.data import Membership
from unlearning.verification.members.scoring import SMALL_IS_MEMBER, WITH_SHADOWS, Floats, Scores, scorer
from unlearning.verification.network_arms import NetworkModels
from unlearning.verification.probes.data import named_models

RATES = (0.01, 0.05, 0.1)


def member_lines(
    models: NetworkModels, data: Membership, params: Mapping[str, Any], *, prefix: str, tier: Tier
) -> list[Measurement]:
    """Lines of every kind that params["membership"] names: loss, entropy, modified_entropy, lira, ulira.

    Per kind: `membership.<kind>.near` and `.far` for arms A, B:k, C, D:k, P, the budget being the false-positive rate
    (0.01, 0.05, 0.1; a rate that these never-seen rows are too few for is left out); for A, B:k, P without budget the
    area `membership.<kind>` with the signal per row, `.interval` [low, high] (95 %), and `.roc` [fpr, tpr, ...].
    ulira is left out where the never-seen rows stand in no object (canaries' twins): no shadow can have unlearned them.
    Raises: Refused with TOO_FEW_NEVER_SEEN or as `scoring.scorer`.
    """
    lines: list[Measurement] = []
    for kind in params.get("membership", ()):
        if kind == "ulira" and not data.unseen_keys:
            continue
        score = scorer(kind, data)
        for on_deleted, on_unseen, model in named_models(models):
            own, others = score(model)
            name, signal = f"{prefix}membership.{kind}", -own.near if kind in SMALL_IS_MEMBER else own.near
            lines += curve_lines(name, on_deleted, own, others, signal=signal, tier=_tier(kind, on_deleted, tier))
            lines += tail_lines(name, (on_deleted, on_unseen), own, others, tier=partial(_tier, kind, tier=tier))
    return lines


def _tier(kind: str, arm: str, tier: Tier) -> Tier:
    """Shadows held people, the deleted among them: whatever was computed with them is sealed, as for references."""
    return "sealed" if kind in WITH_SHADOWS else tier_of(arm, tier)


def curve_lines(name: str, arm: str, own: Scores, others: Scores, *, signal: Floats, tier: Tier) -> list[Measurement]:
    """The area with the signal per row, its interval, and the whole curve: for people to read."""
    trials, interval = len(own.near), auc_interval(own.near, others.near)
    return [
        values_line(name, arm, signal.tolist(), trials=trials, value=auc(own.near, others.near), tier=tier),
        values_line(f"{name}.interval", arm, interval, trials=trials, value=None, tier=tier),
        values_line(f"{name}.roc", arm, roc(own.near, others.near).flat(), trials=trials, value=None, tier=tier),
    ]


def tail_lines(
    name: str, arms: tuple[str, str], own: Scores, others: Scores, *, tier: Callable[[str], Tier]
) -> list[Measurement]:
    """Bits for both tails at every rate in reach: `arms` are those on deleted and on never-seen rows ("" for none).

    Raises: Refused with TOO_FEW_NEVER_SEEN.
    """
    lines = []
    for rate in _rates(len(others.near)):
        found = [
            ("near", arms[0], tails.near_bits(own.near, others.near, rate=rate)),
            ("near", arms[1], tails.strangers_near(others.near, rate=rate)),
            ("far", arms[0], tails.far_bits(own.far, others.far, rate=rate)),
            ("far", arms[1], tails.strangers_far(others.far, rate=rate)),
        ]
        lines += [
            bits_line(f"{name}.{tail}", arm, bits.tolist(), budget=rate, tier=tier(arm))
            for tail, arm, bits in found
            if arm
        ]
    return lines


def _rates(strangers: int) -> list[float]:
    rates = tails.rates_within_reach(list(RATES), strangers=strangers)
    if not rates:
        raise Refused(
            "TOO_FEW_NEVER_SEEN",
            f"membership expects at least {round(1 / RATES[-1])} never-seen rows to set a threshold, got fewer.",
            "Name more of them.",
        )
    return rates
