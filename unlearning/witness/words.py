"""The finding in public words: the outcome, what could have been seen, and what no such test can see."""

from __future__ import annotations

from typing import Any

from unlearning.witness.claim import CannotTellError
from unlearning.witness.finding import Finding
from unlearning.witness.power import Power

BLIND = (
    "One row left in, or its trace in the old weights, is far inside the noise: no test of these weights can see it."
)


def outputs_of(finding: Finding) -> dict[str, Any]:
    """The open part of a result. Only `outcome` depends on data, and honest weights are accused by chance alone."""
    return {
        "outcome": finding.outcome,
        "code": "CANNOT_TELL" if finding.outcome == "inconclusive" else None,
        "power_half_noise": _down(finding.power.half_noise),
        "power_half_steps": None if finding.power.half_steps is None else _down(finding.power.half_steps),
        "words": f"{_first_sentence(finding)} {_power(finding.power)} {BLIND}",
    }


def outputs_without_answer(refusal: CannotTellError) -> dict[str, Any]:
    """The open part where the question has no answer here."""
    return {
        "outcome": "inconclusive",
        "code": refusal.code,
        "power_half_noise": 0.0,
        "power_half_steps": 0.0,
        "words": f"Nothing could be told: {refusal.reason}.",
    }


def _first_sentence(finding: Finding) -> str:
    if finding.outcome == "accused":
        return "The weights do not look like the ledger's noise and steps."
    if finding.outcome == "inconclusive":
        return "Nothing speaks against the ledger, but a cheat could have gone unseen: cannot tell."
    return "The weights look like the ledger's noise and steps."


def _power(power: Power) -> str:
    half_noise = f"Half the noise would have been caught with a chance of {_down(power.half_noise):.0%}"
    if power.half_steps is None:
        return f"{half_noise}."
    return f"{half_noise}, half the steps with {_down(power.half_steps):.0%}."


def _down(chance: float) -> float:
    """Rounded down to whole percents: power is simulated, and must not promise too much."""
    return int(100.0 * chance) / 100.0
