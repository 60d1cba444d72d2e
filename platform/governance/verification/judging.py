"""Writing a verdict: outcome, reasons and power in words; no number measured on deleted rows leaves here.

The excess, the rates and the minimum budgets of erased people are sealed. What the open verdict says of them is
the outcome and how much could have been seen, which depends on counts alone.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from evidence.canonical import digest_json
from governance.verification.models import Policy
from governance.verification.reading import batteries_of, utility_of
from governance.verification.verdict import Finding, Rung, judge, records_needed

FORMAT = "obelus/verdict/1"


def written(policy: Policy, lines: Sequence[dict[str, Any]], *, attempt: int) -> dict[str, Any]:
    """obelus/verdict/1 from the measurements of one verification job."""
    rules, utility = policy.body["verification"], utility_of(lines)
    erased, planted = batteries_of(lines, canaries=False), batteries_of(lines, canaries=True)
    people = judge(erased, utility, rules, attempt=attempt)
    canaries = judge(planted, utility, rules, attempt=attempt) if planted else None
    outcome = canaries.outcome if canaries and canaries.outcome == "failed_residual" else people.outcome
    opened = [line for line in lines if line["tier"] == "open"]
    body = outcome_fields(outcome) | {
        "format": FORMAT,
        "policy": policy.digest,
        "attempt": attempt,
        "measurements": [digest_json({"format": "obelus/measurements/1", "measurements": opened})],
        "records": records_in(erased),
        "utility": {"successes": utility.successes, "trials": utility.trials},
        "power": power(people, rules, attempt),
        "reasons": open_reasons(people),
    }
    if canaries:
        body["canaries"] = {
            "outcome": canaries.outcome,
            "records": records_in(planted),
            "reasons": open_reasons(canaries),
        }
    return body


def records_in(batteries: Mapping[str, Sequence[Rung]]) -> int:
    return max((len(rung.a) for rungs in batteries.values() for rung in rungs), default=0)


def outcome_fields(outcome: str) -> dict[str, str]:
    if outcome.startswith("failed_"):
        return {"outcome": "failed", "kind": outcome.removeprefix("failed_")}
    return {"outcome": outcome}


def power(found: Finding, rules: dict[str, Any], attempt: int) -> dict[str, Any]:
    """What this battery could have seen: it follows from the number of records alone."""
    needed = records_needed(rules["margin"], rules["level"] / 2**attempt)
    return {
        "detectable": found.detectable,
        "records_needed": needed,
        "words": f"An excess below {found.detectable:.0%} could have gone unseen; for {rules['margin']:.0%} about "
        f"{needed} records are needed.",
    }


SEALED = "What was measured on the erased records is sealed, and destroyed with the case."


def open_reasons(found: Finding) -> list[str]:
    """Reasons that follow from counts, and one sentence that never varies: how many others there are would tell."""
    return [*[reason.text for reason in found.reasons if reason.open], SEALED]


def with_witness(body: dict[str, Any], result: dict[str, Any]) -> dict[str, Any]:
    """The verdict with what the witness of noise and steps said; an accusation is an alarm.

    `result`: the recorded result of its job. Its outcome and its power are open, its statistics are sealed. A verdict
    that failed already keeps its kind: a model that is damaged too is no false alarm, whatever becomes of this one.
    """
    said = result["result"]["outputs"]
    told = {name: said[name] for name in ("outcome", "code", "power_half_noise", "power_half_steps")}
    accused = said["outcome"] == "accused" and body["outcome"] != "failed"
    return {
        **body,
        **(outcome_fields("failed_witness") if accused else {}),
        "measurements": [*body["measurements"], digest_json(result["open"])],
        "reasons": [*body["reasons"], f"Witness of noise and steps, {said['outcome']}: {said['words']}"],
        "witness": told,
    }


def without_attack(policy: Policy, why: str) -> dict[str, Any]:
    """No attack could be made: inconclusive is the honest answer, and it says why."""
    return {
        "format": FORMAT,
        "outcome": "inconclusive",
        "policy": policy.digest,
        "attempt": 0,
        "measurements": [],
        "records": 0,
        "power": {"detectable": 1.0, "words": "Nothing was tested, so nothing could have been seen."},
        "reasons": [why],
    }
