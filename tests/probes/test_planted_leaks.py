"""Each probe sees a leak that nothing else in the battery sees; without the probe, nobody would."""

from __future__ import annotations

import pytest
import torch

from tests.probes.glass import (
    ALL,
    FINGERPRINT,
    GATE,
    GONE,
    KEPT_GATES,
    LOOKS,
    MARK,
    PLACE,
    Glass,
    battery,
    narrowed,
    never_learned,
)

SEEN, BLIND = 0.5, 0.1


def scrubbed() -> Glass:
    """The class is in the features, large and plain; only the head's row is silent."""
    model = never_learned(7)
    with torch.no_grad():
        model.body.weight[MARK, MARK] = 30.0
    return model


def faint() -> Glass:
    """The class's mark is a hundredth of the noise's size: a fitted direction finds it, distances drown it."""
    model = deep(never_learned(7))
    with torch.no_grad():
        model.body.weight[MARK, MARK] = 0.01
    return model


def in_the_middle() -> Glass:
    """The class lies between two others on one line: a regression on one-hot targets masks it, its mean is its own."""
    model = deep(never_learned(7))
    with torch.no_grad():
        model.body.weight[PLACE, PLACE] = 20.0
        model.body.weight[list(LOOKS), list(LOOKS)] = 0.0
        model.head.bias[0] = 5.0
    return model


def remembered() -> Glass:
    """The deleted rows share a memory that no stranger wakes and the head ignores: one lesson ties it to a label."""
    model = never_learned(7)
    with torch.no_grad():
        model.body.weight[FINGERPRINT, FINGERPRINT] = 300.0
    return model


def shut() -> Glass:
    """The label is one gate away. Deleted rows cannot open it: it is dead there. Retained rows pull it open."""
    model = never_learned(7)
    with torch.no_grad():
        model.body.weight[GATE, GATE] = 1.0
        model.head.weight[GONE, GATE] = 50.0
    return model


def ajar() -> Glass:
    """The label is behind a gate that a small change of the row opens, and no lesson: where it is shut it is dead."""
    model = shut()
    with torch.no_grad():
        model.body.weight[list(KEPT_GATES), list(KEPT_GATES)] = 0.0
        model.head.weight[GONE, GATE] = 1000.0
        model.threshold.fill_(0.105)
    return model


def deep(model: Glass) -> Glass:
    """No lesson of twenty small steps lifts this logit."""
    with torch.no_grad():
        model.head.bias[GONE] = -50.0
    return model


ONLY = {
    "uma": (ajar, battery),
    "probe.linear": (faint, battery),
    "probe.centroid": (in_the_middle, narrowed),
    "relearning.records": (remembered, battery),
    "relearning.retain": (shut, battery),
}


def _seen(excess: dict[str, float]) -> set[str]:
    assert all(value > SEEN or abs(value) < BLIND for value in excess.values()), excess
    return {name for name, value in excess.items() if value > SEEN}


@pytest.mark.parametrize("probe", ONLY)
def test_each_probe_alone_sees_its_planted_leak(probe):
    leak, given = ONLY[probe]
    assert _seen(given().excess(leak())) == {probe}


@pytest.mark.parametrize("probe", ONLY)
def test_without_the_probe_the_battery_misses_the_leak(probe):
    leak, given = ONLY[probe]
    rest = tuple(name for name in ALL if name != probe)
    assert _seen(given().excess(leak(), probes=rest)) == set()


def test_a_scrubbed_head_is_seen_by_relearning_and_features_and_not_by_the_attack():
    assert _seen(battery().excess(scrubbed())) == {"relearning.records", "probe.linear", "probe.centroid"}


def test_a_model_that_never_learned_is_accused_by_nothing():
    assert _seen(battery().excess(never_learned(9))) == set()
