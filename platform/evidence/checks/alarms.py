"""Was an alarm called false by somebody who neither proposed nor approved, and was it one that may be called false?"""

from __future__ import annotations

import math

from evidence.canonical import Json
from evidence.case import Case, Logged
from evidence.faults import Fault

_MOST_TRIALS = 1_000_000


def check_alarms(case: Case) -> None:
    """Every verdict that clears another: the other one failed before it; who cleared it; what the policy still asks."""
    for entry in case.logged("verdict:reached"):
        if entry.body.get("clears") is not None:
            _check_cleared(case, entry)
        if entry.body.get("clearer") is not None:
            _check_clearer(case, entry)
    verdict, reached = case.documents["verdict.json"], case.last("verdict:reached")
    if reached and (found := reached.body.get("clears")) is not None:
        case.expect(Fault.VERDICT, "verdict.json $.clears", found, verdict.get("clears"))
        if _is_damaged(verdict, case.documents["policy.json"].get("verification")):
            wanted = "a model as useful as the policy asks; damage is no false alarm"
            case.fault(Fault.GATE, "verdict.json $.utility of a cleared alarm", wanted, verdict["utility"])


def _check_cleared(case: Case, entry: Logged) -> None:
    earlier = [other for other in case.logged("verdict:reached") if other.seq < entry.seq]
    failed = [other.body["verdict"] for other in earlier if other.body["outcome"] == "failed"]
    if entry.body["clears"] not in failed:
        where = f"verdict:reached (entry {entry.index}) clears"
        case.fault(Fault.VERDICT, where, "an earlier verdict of the thread that failed", entry.body["clears"])


def _check_clearer(case: Case, entry: Logged) -> None:
    """A plan that starts over has another candidate: who cleared the alarm of the first may approve the second."""
    over = [other.seq for other in case.logged("plan:moved") if other.body.get("climb") and other.seq > entry.seq]
    until = min(over, default=math.inf)
    approved = [other for other in case.logged("release:approved") if entry.seq < other.seq < until]
    others = [other.body["proposer"] for other in case.logged("plan:confirmed")]
    others += [other.body["approver"] for other in approved]
    if entry.body["clearer"] in others:
        where = f"verdict:reached (entry {entry.index}) clearer"
        case.fault(Fault.APPROVALS, where, "neither the proposer nor an approver", entry.body["clearer"])


def _is_damaged(verdict: Json, rules: Json) -> bool:
    """Whether the exact upper bound on utility, at the level of this attempt, lies below the policy's floor.

    That is so when as few right answers as these have less than half the level's probability at the floor itself
    (Clopper and Pearson 1934). What the documents do not hold in numbers is not judged here.
    """
    utility, rules = verdict.get("utility"), rules if isinstance(rules, dict) else {}
    if not isinstance(utility, dict):
        return False
    right, trials = utility.get("successes"), utility.get("trials")
    floor, level, attempt = rules.get("utility_floor"), rules.get("level"), verdict.get("attempt")
    if not (isinstance(right, int) and isinstance(trials, int) and isinstance(attempt, int)):
        return False
    if not (isinstance(floor, (int, float)) and isinstance(level, (int, float)) and 0 < floor < 1):
        return False
    known = 0 <= right < trials <= _MOST_TRIALS and 0 <= attempt <= 1000
    return known and _at_most(right, trials, floor) < level / 2 ** (attempt + 1)


def _at_most(right: int, trials: int, rate: float) -> float:
    """Probability of at most so many right answers out of so many, each right at this rate."""
    return sum(math.exp(_log_binomial(count, trials, rate)) for count in range(right + 1))


def _log_binomial(count: int, trials: int, rate: float) -> float:
    ways = math.lgamma(trials + 1) - math.lgamma(count + 1) - math.lgamma(trials - count + 1)
    return ways + count * math.log(rate) + (trials - count) * math.log1p(-rate)
