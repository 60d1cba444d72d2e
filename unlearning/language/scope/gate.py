"""Three gate policies (a person, a copyrighted text, harmful knowledge) and what holds of them.

Each is one JSON file: the body of a policy as the platform reads it (obelus/policy/1), which the verdict judges, and
rules that say facet by facet what holds, among them those that a comparison with retraining cannot express: how much
of a passage may come out verbatim at all, how near to guessing a choice must be, which neighbours must survive.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal

from unlearning.language.scope.asking import answer
from unlearning.language.scope.rules import Answer, Line, Rule

FORMAT = "obelus/scope-policy/1"
PURPOSES = ("privacy", "copyright", "harm")


@dataclass(frozen=True)
class Finding:
    """The verdict's words: passed only when every rule holds, failed when one is broken, inconclusive between.

    kind: residual before over_forgotten, as the verdict decides. answers: sealed like what they were made of.
    """

    outcome: Literal["passed", "failed", "inconclusive"]
    kind: str
    answers: tuple[Answer, ...]


def gate_policy(purpose: str) -> dict[str, Any]:
    """The whole file. Raises: ValueError for a purpose that has none."""
    if purpose not in PURPOSES:
        raise ValueError(f"expected one of {', '.join(PURPOSES)}, got {purpose!r}; choose the request's purpose")
    path = files("unlearning").joinpath("language", "scope", "policies", f"{purpose}.json")
    document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return document


def policy_body(purpose: str) -> dict[str, Any]:
    """The obelus/policy/1 body alone: what an officer posts to the platform. Raises: as `gate_policy`."""
    body: dict[str, Any] = gate_policy(purpose)["policy"]
    return body


def rules_of(policy: Mapping[str, Any]) -> list[Rule]:
    return [Rule(**{**entry, "budgets": tuple(entry.get("budgets", ()))}) for entry in policy["rules"]]


def judged(lines: Sequence[Line], policy: Mapping[str, Any]) -> Finding:
    """What holds of these measurements (obelus/measurements/1 lines) under a gate policy.

    level: one-sided, from the policy. To pass, all rules must hold, so each may be asked at the whole level
    (intersection-union test, Berger 1982); to fail, one is enough, so each gets its part of it (Bonferroni).
    """
    rules, level = rules_of(policy), policy["policy"]["verification"]["level"]
    answers = tuple(answer(rule, lines, risk=level, accusing=level / tests(rules, lines)) for rule in rules)
    kinds = [one.kind for one in answers if one.state == "broken"]
    if kinds:
        return Finding("failed", "residual" if "residual" in kinds else "over_forgotten", answers)
    outcome: Literal["passed", "inconclusive"]
    met = all(met_by(one, rule) for rule, one in zip(rules, answers, strict=True))
    outcome = "passed" if met else "inconclusive"
    return Finding(outcome, "", answers)


def met_by(answer: Answer, rule: Rule) -> bool:
    return answer.state == "holds" or (answer.state == "blind" and not rule.needed)


def tests(rules: Sequence[Rule], lines: Sequence[Line]) -> int:
    """How many bits of evidence may accuse: rules times the budgets that each of them looks at."""
    measured = {rule.battery: {line["budget"] for line in lines if line["name"] == rule.battery} for rule in rules}
    return sum(max(1, len(rule.budgets) or len(measured[rule.battery])) for rule in rules)
