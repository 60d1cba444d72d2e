"""Writing a verdict: outcome, reasons and power in words; no number measured on deleted rows leaves here.

The excess, the rates and the minimum budgets of erased people are sealed. What the open verdict says of them is
the outcome and how much could have been seen, which depends on counts and on people in no model.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from evidence.canonical import digest_json
from governance.verification.doubts import Silent
from governance.verification.models import Policy
from governance.verification.narrowing import narrowed
from governance.verification.power import deciding_words, power_words, records_needed, retraining_words
from governance.verification.reading import PLANTED, Line, batteries_of, silent_of, utility_of
from governance.verification.verdict import Finding, Qualified, Rung, judge

FORMAT = "obelus/verdict/1"
OPEN_ARMS = ("A", "C")


def written(
    policy: Policy,
    lines: Sequence[Line],
    *,
    attempt: int,
    qualification: Qualified | None = None,
    training_s: float | None = None,
    rules: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """obelus/verdict/1 from the measurements of one verification job.

    `qualification`: of the recipe, where the policy compares with never-seen rows instead of references.
    `training_s`: what one training costs, from the plan; without it the policy's fixed price, which is the least.
    `rules`: the policy's, as the attack's family reads them; without it, as they are.
    """
    rules, utility = rules or policy.body["verification"], utility_of(lines)
    erased, planted = (
        narrowed(batteries_of(lines, canaries=canaries), lines, rules, canaries=canaries) for canaries in (False, True)
    )
    mute, mute_planted = silent_of(lines, canaries=False), silent_of(lines, canaries=True)
    how: dict[str, Any] = {"attempt": attempt, "qualification": qualification}
    people = judge(erased, utility, rules, silent=mute, **how)
    canaries = judge(planted, utility, of_planted(rules), silent=mute_planted, **how) if planted else None
    outcome = canaries.outcome if canaries and canaries.outcome == "failed_residual" else people.outcome
    opened = [line for line in lines if line["tier"] == "open"]
    body = outcome_fields(outcome) | {
        "format": FORMAT,
        "policy": policy.digest,
        "attempt": attempt,
        "measurements": [digest_json({"format": "obelus/measurements/1", "measurements": opened})],
        "records": people.design.records,
        "utility": {"successes": utility.successes, "trials": utility.trials, **asked_whom(rules)},
        "power": power(people),
        "reasons": open_reasons(people),
        "batteries": laid_out(erased, opened, prefix="", silent=mute),
    }
    if outcome == "inconclusive":
        body["decides"] = deciding_words(people.design, training_s=price_of(policy, training_s))
    return body | ({"canaries": planted_fields(canaries, planted, opened, mute_planted)} if canaries else {})


def price_of(policy: Policy, training_s: float | None) -> float:
    """Seconds of one training."""
    return training_s if training_s is not None else float(policy.body["prices"]["retrain_fixed_s"])


def with_retraining(body: Mapping[str, Any], policy: Policy, training_s: float | None) -> dict[str, Any]:
    """Where nothing was shown, what retraining would cost, beside the other ways to know."""
    ways = [*body["decides"], retraining_words(price_of(policy, training_s))] if "decides" in body else []
    return {**body, "decides": ways} if ways else dict(body)


def asked_whom(rules: Mapping[str, Any]) -> dict[str, str]:
    """Whose questions the utility was counted on, where these are not people in no model."""
    return {"on": rules["useful_on"]} if "useful_on" in rules else {}


def of_planted(rules: Mapping[str, Any]) -> dict[str, Any]:
    """Of canaries U-LiRA is not asked: their twins stand in no object, so no shadow model can have unlearned them."""
    kept = [kind for kind in rules.get("membership", ()) if kind != "ulira"]
    return {**rules, "membership": kept}


def planted_fields(
    found: Finding, batteries: Mapping[str, Sequence[Rung]], opened: Sequence[Line], silent: Silent
) -> dict[str, Any]:
    """Canaries are nobody: how many of them the candidate gave back stands in the open."""
    return {
        "outcome": found.outcome,
        "records": found.design.records,
        "reasons": open_reasons(found),
        "power": power(found),
        "batteries": laid_out(batteries, opened, prefix=PLANTED, silent=silent),
    }


def laid_out(
    batteries: Mapping[str, Sequence[Rung]], opened: Sequence[Line], *, prefix: str, silent: Silent
) -> list[dict[str, Any]]:
    """By battery how many records, references and never-seen rows at which budgets, and the counts that are open.

    All budgets that were tried: at which of them a searched-for attack told anything is decided on the original and
    the erased rows, so it is sealed (0039). So is whether a battery could see a memory, and of how many erased rows a
    question could be made that not every row answers to: that says how these are written.
    """
    return [
        {
            "name": name,
            "budgets": sorted({*(rung.budget for rung in rungs), *silent.get(name, ())}),
            **({} if is_of_some(prefix + name) else {"records": max(len(rung.a) for rung in rungs)}),
            "references": max(len(rung.b) for rung in rungs),
            "never_seen": max(len(rung.c) for rung in rungs),
            "open": open_counts(prefix + name, opened),
        }
        for name, rungs in batteries.items()
    ]


def is_of_some(name: str) -> bool:
    """Whether a battery asks those erased rows alone of which its question could be made; planted ones are nobody's."""
    return name.startswith("scope.") and name != "scope.neighbours"


def open_counts(name: str, opened: Sequence[Line]) -> list[dict[str, Any]]:
    """Successes among never-seen rows (arm C), and among planted ones (arm A of a canary battery)."""
    kept = ("arm", "budget", "successes", "trials")
    return [
        {key: line[key] for key in kept}
        for line in opened
        if line["name"] == name and line["budget"] is not None and line["arm"] in OPEN_ARMS
    ]


def outcome_fields(outcome: str) -> dict[str, str]:
    if outcome.startswith("failed_"):
        return {"outcome": "failed", "kind": outcome.removeprefix("failed_")}
    return {"outcome": outcome}


def power(found: Finding) -> dict[str, Any]:
    """What these batteries could have seen: from counts, and from never-seen people on the candidate."""
    return {
        "detectable": found.detectable,
        "records_needed": records_needed(found.design),
        "references": found.design.references,
        "words": power_words(found.design),
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
