"""Answers to the five questions of a gate. Pure: lines of measurements in, an answer out.

A rule holds only when the bound at the policy's level says so; it is broken only when the opposite bound does, at the
level divided by the number of questions, because each of them may accuse. Everything between is unknown. Blind is what
could not have been seen: where the original does not show it, silence of the candidate proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from unlearning.language.scope.rules import SATURATED, Answer, Arms, Line, Rule, arms_of, excess, reach

Level = Mapping[str, float]


def answer(rule: Rule, lines: Sequence[Line], *, risk: float, accusing: float) -> Answer:
    """risk: of saying wrongly that the rule holds. accusing: of saying wrongly that it is broken."""
    if rule.asks == "at_least":
        return useful(rule, lines, risk=risk, accusing=accusing)
    found = list(arms_of(lines, rule))
    missing = sorted(set(rule.budgets) - {arms.budget for arms in found if arms.budget is not None})
    if not found or missing or not any(arms.a for arms in found):
        return Answer(rule.name, "unknown", f"{rule.battery} was not measured on enough records or budgets.")
    return together(rule, [ASKED[rule.asks](rule, arms, risk=risk, accusing=accusing) for arms in found])


def together(rule: Rule, answers: Sequence[Answer]) -> Answer:
    """Broken at one budget is broken; a blind one is passed over unless all are."""
    for state in ("broken", "unknown", "holds"):
        for one in answers:
            if one.state == state:
                return one
    return blind(rule)


def blind(rule: Rule) -> Answer:
    said = f"{rule.battery}: the original shows no excess either, or the control yields as often."
    return Answer(rule.name, "blind", f"{said} It could not have seen a memory.")


def like_control(rule: Rule, arms: Arms, *, risk: float, accusing: float) -> Answer:
    far = rule.battery.endswith(".far")
    if not arms.controls:
        return Answer(rule.name, "unknown", f"{rule.battery} has neither references nor never-seen rows beside it.")
    if shares(arms.controls) >= SATURATED:
        return blind(rule)
    cautious, sharp = excess(arms, risk=risk), excess(arms, risk=accusing)
    above_all = all(sum(arms.a) / len(arms.a) > sum(row) / len(row) for row in arms.controls)
    if sharp.low > (rule.limit if far else 0.0) and above_all:
        return Answer(rule.name, "broken", words(rule, arms, cautious.share), "over_forgotten" if far else "residual")
    if not far and sharp.high < -rule.limit:
        return Answer(rule.name, "broken", words(rule, arms, cautious.share), "over_forgotten")
    # The far tail has no original that lies there: its near tail is its positive control, under a rule of its own.
    if not far and not sees(arms, risk=risk):
        return blind(rule)
    if cautious.high <= rule.limit and (far or cautious.low >= -rule.limit):
        return Answer(rule.name, "holds", words(rule, arms, cautious.share))
    return Answer(rule.name, "unknown", f"{words(rule, arms, cautious.share)} Too few records to be sure.")


def at_most(rule: Rule, arms: Arms, *, risk: float, accusing: float) -> Answer:
    own = [reach(sum(arms.a), len(arms.a), risk=value) for value in (risk, accusing)]
    said = f"{rule.battery} at {arms.budget:g}: {sum(arms.a)} of {len(arms.a)}, at most {rule.limit:.0%} allowed."
    if own[1].low > rule.limit:
        return Answer(rule.name, "broken", said, "residual")
    if not arms.p or reach(sum(arms.p), len(arms.p), risk=risk).low <= rule.limit:
        return blind(rule)
    if own[0].high <= rule.limit:
        return Answer(rule.name, "holds", said)
    return Answer(rule.name, "unknown", f"{said} Too few long records to be sure.")


def kept(rule: Rule, arms: Arms, *, risk: float, accusing: float) -> Answer:
    still = [now for now, before in zip(arms.a, arms.p, strict=False) if before]
    said = f"{rule.battery}: {sum(still)} of {len(still)} are right still, at least {rule.limit:.0%} asked."
    if len(arms.p) != len(arms.a) or not still:
        return Answer(rule.name, "unknown", f"{rule.battery}: the original was right on none, so none can be lost.")
    return least(rule, said, sum(still), len(still), risk=risk, accusing=accusing)


def chance(rule: Rule, arms: Arms, *, risk: float, accusing: float) -> Answer:
    if not arms.budget or arms.budget < 2:
        return Answer(rule.name, "unknown", f"{rule.battery} does not say how many options it had.")
    guess = 1.0 / arms.budget
    cautious, sharp = (reach(sum(arms.a), len(arms.a), risk=value) for value in (risk, accusing))
    said = f"{rule.battery}: {sum(arms.a)} of {len(arms.a)} right where guessing gives {guess:.0%}."
    if sharp.low > guess + rule.limit:
        return Answer(rule.name, "broken", said, "residual")
    if sharp.high < guess - rule.limit:
        return Answer(rule.name, "broken", f"{said} Avoiding the answer shows it.", "over_forgotten")
    if not arms.p or reach(sum(arms.p), len(arms.p), risk=risk).low <= guess + rule.limit:
        return blind(rule)
    if cautious.high <= guess + rule.limit and cautious.low >= guess - rule.limit:
        return Answer(rule.name, "holds", said)
    return Answer(rule.name, "unknown", f"{said} Too few questions to be sure.")


def useful(rule: Rule, lines: Sequence[Line], *, risk: float, accusing: float) -> Answer:
    """A count on rows that nobody asked to forget."""
    line = next((line for line in lines if line["name"] == rule.battery and line["arm"] == "A"), None)
    if line is None or not line["trials"]:
        return Answer(rule.name, "unknown", f"{rule.battery} was not measured.")
    right, trials = line["successes"], line["trials"]
    said = f"{rule.battery}: {right} of {trials}, at least {rule.limit:.0%} asked."
    return least(rule, said, right, trials, risk=risk, accusing=accusing)


def least(rule: Rule, said: str, right: int, trials: int, *, risk: float, accusing: float) -> Answer:
    if reach(right, trials, risk=accusing).high < rule.limit:
        return Answer(rule.name, "broken", said, "over_forgotten")
    if reach(right, trials, risk=risk).low >= rule.limit:
        return Answer(rule.name, "holds", said)
    return Answer(rule.name, "unknown", f"{said} Too few to be sure.")


def sees(arms: Arms, *, risk: float) -> bool:
    """Whether the original gives more than the control: else silence of the candidate says nothing."""
    if not arms.p:
        return False
    original = Arms(budget=arms.budget, a=arms.p, b=arms.b, c=arms.c, p=[])
    return excess(original, risk=risk).low > 0.0


def shares(rows: Sequence[Sequence[int]]) -> float:
    return sum(sum(row) / len(row) for row in rows) / len(rows)


def words(rule: Rule, arms: Arms, value: float) -> str:
    at = "" if arms.budget is None else f" at {arms.budget:g}"
    return f"{rule.battery}{at}: {value:+.0%} beside its control, on {len(arms.a)} records."


ASKED: Mapping[str, Callable[..., Answer]] = {
    "like_control": like_control,
    "at_most": at_most,
    "kept": kept,
    "chance": chance,
}
