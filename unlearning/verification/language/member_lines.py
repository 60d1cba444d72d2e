"""Membership of texts as measurement lines: two tails and whole curves, as for classifiers, and PrivLeak."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from unlearning.runner.refusals import Refused
from unlearning.verification.language.answers import Floats
from unlearning.verification.language.knowledge import Asked, Knowledge
from unlearning.verification.language.membership_scores import WITH_REFERENCES, beside_others, own_scores
from unlearning.verification.language.metrics import privacy_leak
from unlearning.verification.measurements import Measurement, Tier, tier_of, values_line
from unlearning.verification.members.curves import auc
from unlearning.verification.members.lines import curve_lines, tail_lines
from unlearning.verification.members.scoring import Scores


def member_lines(known: Knowledge, params: Mapping[str, Any], *, prefix: str, tier: Tier) -> list[Measurement]:
    """Lines of every kind that params["membership"] names: loss, zlib, reference, mink, minkpp.

    Names, budgets and arms as for classifiers (members.lines); `membership.<kind>.privleak` for A and P besides.
    Raises: Refused with TOO_FEW_NEVER_SEEN or REFERENCES_TOO_FEW.
    """
    lines: list[Measurement] = []
    for kind in params["membership"]:
        name, areas, here = f"{prefix}membership.{kind}", {}, partial(_tier, kind, tier=tier)
        for asked in known.asked:
            own_N, others_M = _scores(kind, known, asked)
            own, others = Scores(own_N, own_N), Scores(others_M, others_M)
            lines += curve_lines(name, asked.on_deleted, own, others, signal=own_N, tier=here(asked.on_deleted))
            lines += tail_lines(name, (asked.on_deleted, asked.on_unseen), own, others, tier=here)
            areas[asked.on_deleted] = auc(own_N, others_M)
        lines += _leaks(f"{name}.privleak", areas, tier=here)
    return lines


def _scores(kind: str, known: Knowledge, asked: Asked) -> tuple[Floats, Floats]:
    """Scores of the deleted and of the never-seen rows; large where a row looks like a member."""
    if kind not in WITH_REFERENCES:
        own, others = known.answers
        return own_scores(kind, asked.own, own), own_scores(kind, asked.others, others)
    # A reference is compared with the other references: beside itself it would look like nothing at all.
    beside = [each for each in known.asked if each.on_deleted.startswith("B:") and each is not asked]
    if not beside:
        raise Refused(
            "REFERENCES_TOO_FEW",
            "membership.reference expects at least 2 retrained references, got fewer.",
            "Train more of them, or leave the kind out.",
        )
    return (
        beside_others(asked.own, [each.own for each in beside]),
        beside_others(asked.others, [each.others for each in beside]),
    )


def _tier(kind: str, arm: str, tier: Tier) -> Tier:
    """What was computed with retrained references is sealed whoever is asked: they are curator state."""
    return "sealed" if kind in WITH_REFERENCES else tier_of(arm, tier)


def _leaks(name: str, areas: Mapping[str, float], *, tier: Callable[[str], Tier]) -> list[Measurement]:
    """PrivLeak in percent, against the middle retrained area, or one half where there is no reference."""
    retrained = [area for arm, area in areas.items() if arm.startswith("B:")]
    usual = float(np.median(retrained)) if retrained else 0.5
    return [
        values_line(
            name, arm, (), trials=len(retrained), value=privacy_leak(areas[arm], retrained=usual), tier=tier(arm)
        )
        for arm in ("A", "P")
    ]
