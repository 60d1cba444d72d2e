"""A finding as measurements. Statistics look at retained rows and old weights: sealed. The outcome is open."""

from __future__ import annotations

from typing import Any, Literal

from unlearning.witness.finding import Finding

FORMAT = "obelus/measurements/1"
_OUTCOMES = {"noise as claimed": 0, "accused": 1}


def document(finding: Finding) -> dict[str, Any]:
    """witness.accused (open: 1, 0, or null for inconclusive), then per question its value and p-value (sealed)."""
    accused = _OUTCOMES.get(finding.outcome)
    lines = [_line("witness.accused", None, "open", accused), _line("witness.same", None, "sealed", int(finding.same))]
    for answer in finding.answers:
        name = f"witness.{answer.view}.{answer.statistic}"
        lines.append(_line(name, answer.side, "sealed", answer.value))
        lines.append(_line(f"{name}.p_value", answer.side, "sealed", answer.p_value))
    for view, doubted in finding.doubts.items():
        finite = doubted if doubted != float("inf") else None
        lines.append(_line(f"witness.{view}.doubt", None, "sealed", finite))
        lines.append(_line(f"witness.{view}.simulated", None, "sealed", finding.simulated[view]))
    return {"format": FORMAT, "measurements": lines}


def could_not_tell() -> dict[str, Any]:
    """The document of a question without an answer."""
    return {"format": FORMAT, "measurements": [_line("witness.accused", None, "open", None)]}


def _line(name: str, arm: str | None, tier: Literal["open", "sealed"], value: float | None) -> dict[str, Any]:
    empty = dict.fromkeys(("budget", "successes", "trials", "per_record"))
    return {"name": name, "arm": arm, "tier": tier, "value": value, **empty}
