"""One budget of one battery: its arms, and what comparing them says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from governance.verification.excess import NOTHING, Contrast, Excess, beyond, contrast, excess, unpaired, with_interval
from governance.verification.facets import KEPT, facet_of, is_kept
from governance.verification.power import Design
from governance.verification.statistics import Interval, mean

# Where the control itself yields this often, a budget measures fragility, not memory.
SATURATED = 0.9


@dataclass(frozen=True, kw_only=True)
class Rung:
    """All arms at one budget. A, B, P: the erased records on candidate, references, original.
    C, D: never-seen records on candidate, references. E: unrelated inputs aimed at the same labels."""

    budget: float
    a: Sequence[int]
    b: Sequence[Sequence[int]]
    c: Sequence[int]
    d: Sequence[Sequence[int]]
    e: Sequence[int]
    p: Sequence[int]
    # Whether everybody may read how never-seen rows fared: not where the original or a reference had a hand in it.
    c_is_open: bool = True


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One budget's numbers, in one battery. X is `x`; Y, what is left of it beyond general weakness, is `y`."""

    battery: str
    rung: Rung
    x: Excess
    y: Contrast
    control: Contrast
    informative: bool
    # How far from its control the candidate may lie: the policy's, or the gate's where it has one of its own.
    margin: float
    # Why nothing can be said here for want of a reference; empty otherwise.
    missing: str = ""
    # About rows that stay and must be known still: knowing fewer of them is damage, and knowing more is no memory.
    is_kept: bool = False

    @property
    def is_attack(self) -> bool:
        """An attack's success is the label itself; every other battery is an indirect sign of memory."""
        return family_of(self.battery, "uma")

    @property
    def is_far(self) -> bool:
        """The other tail: records that look less like members than strangers do, which is damage, not memory."""
        return self.battery.endswith(".far")

    @property
    def tells_memory(self) -> bool:
        """Whether more than retraining leaves would mean that something is remembered."""
        return not self.is_far and not self.is_kept


def family_of(battery: str, family: str) -> bool:
    return battery == family or battery.startswith(f"{family}.")


def judge_rung(battery: str, rung: Rung, policy: Mapping[str, Any], *, level: float) -> Judged:
    """Compare the arms; `level` is that of two-sided intervals. Without references, never-seen rows are the control."""
    facet = facet_of(policy, battery, rung.budget)
    stands_in = policy.get("references_by") == "qualification"
    if facet and facet["asks"] == KEPT and (rung.b or stands_in):
        return of_survivors(battery, rung, policy, level, margin=1.0 - facet["limit"])
    if rung.b:
        return against_references(battery, rung, policy, level)
    if stands_in:
        return against_never_seen(battery, rung, level, margin=policy["margin"])
    missing = f"At budget {rung.budget:g} of {battery} there is no retrained reference to compare with."
    return Judged(
        battery=battery,
        rung=rung,
        x=with_interval(NOTHING, Interval(-1.0, 1.0)),
        y=NOTHING,
        control=NOTHING,
        informative=False,
        margin=policy["margin"],
        missing=missing,
    )


def against_references(battery: str, rung: Rung, policy: Mapping[str, Any], level: float) -> Judged:
    margin = policy["margin"]
    x = excess(rung.a, rung.b, level=level, margin=margin, resamples=policy["resamples"], seed=policy["seed"])
    general = contrast(rung.c, rung.d, margin=margin) if rung.c and rung.d else None
    return Judged(
        battery=battery,
        rung=rung,
        x=x,
        # Requests for a whole class weaken the model on all of the class by design: there X alone counts.
        y=beyond(x, general) if general and policy.get("scope") != "class" else x,
        control=contrast(rung.p, rung.b, margin=margin) if len(rung.p) == len(rung.a) else NOTHING,
        informative=bool(rung.a) and mean([mean(row) for row in rung.b]) < SATURATED and is_specific(rung),
        margin=margin,
    )


def of_survivors(battery: str, rung: Rung, policy: Mapping[str, Any], level: float, *, margin: float) -> Judged:
    """Rows that stay: what candidate and references, which all learned them, know; the margin is of those once known.

    All rows are compared, not those that the original knew: the candidate came of the original and shares its luck, so
    on these an undamaged one would stand above every retrained model, and a damaged one beside them. The positive
    control is that the original knew some: what nobody knew before cannot be lost. Under a qualification there is no
    reference, and never-seen rows are known to nobody: then the original itself is the control, on the rows it knew.
    """
    known = [at for at, bit in enumerate(rung.p) if bit]
    now, after = (rung.a, rung.b) if rung.b else ([rung.a[at] for at in known], [[1] * len(known)])
    margin *= len(known) / len(rung.p) if rung.b and known else 1.0
    how: dict[str, Any] = {"resamples": policy["resamples"], "seed": policy["seed"]}
    x = excess(now, after, level=level, margin=margin, **how)
    knew = Contrast(value=1.0, spread=0.0, degrees=1.0, least_above=0.5 ** len(known), least_below=1.0)
    return Judged(
        battery=battery,
        rung=rung,
        x=x,
        y=x,
        control=knew if known else NOTHING,
        informative=bool(known),
        margin=margin,
        is_kept=True,
    )


def against_never_seen(battery: str, rung: Rung, level: float, *, margin: float) -> Judged:
    x, said = unpaired(rung.a, rung.c, level=level), bool(rung.a) and bool(rung.c)
    return Judged(
        battery=battery,
        rung=rung,
        x=x,
        y=x,
        control=unpaired(rung.p, rung.c, level=level),
        informative=said and mean(rung.c) < SATURATED and is_specific(rung),
        margin=margin,
        missing="" if said else f"At budget {rung.budget:g} of {battery} there are no never-seen rows to compare with.",
    )


def is_specific(rung: Rung) -> bool:
    return not rung.e or mean(rung.e) < SATURATED


def above_every_seed(rung: Rung) -> bool:
    return all(mean(rung.a) > mean(row) for row in rung.b)


def seen_batteries(judged: Sequence[Judged], *, level: float) -> set[str]:
    """Batteries whose positive control succeeded: the original gives more than the control, so memory can be seen.

    The far tail cannot have one of its own (no original lies there); it is seen where its near tail is.
    """
    tries: dict[str, list[Judged]] = {}
    for item in judged:
        tries.setdefault(item.battery, []).append(item)
    seen = {
        name
        for name, items in tries.items()
        if any(item.informative and item.control.p_above(0.0) <= level / 2 / len(items) for item in items)
    }
    far = {name for name in tries if name.endswith(".far") and name.removesuffix(".far") + ".near" in seen}
    return {name for name in seen if not name.endswith(".far")} | far


def design_of(
    batteries: Mapping[str, Sequence[Rung]],
    policy: Mapping[str, Any],
    *,
    level: float,
    silent: Mapping[str, Sequence[float]],
) -> Design:
    """The layout in counts and the rate of never-seen people on the candidate: what everybody may read.

    Rows that stay are no erased records, and are not counted among them. Silent budgets count as tests: how many of
    an attack's budgets told anything follows from the original and the erased rows.
    """
    rungs = [rung for name, rungs in batteries.items() for rung in rungs if not is_kept(policy, name)]
    stand_in = policy.get("references_by") == "qualification"
    strangers = [mean(rung.c) for rung in rungs if rung.c and rung.c_is_open]
    return Design(
        records=max((len(rung.a) for rung in rungs), default=0),
        references=max((len(rung.b) for rung in rungs), default=0),
        never_seen=max((len(rung.c) for rung in rungs if stand_in), default=0),
        level=level,
        margin=policy["margin"],
        # The budget at which most is undecided; half where nobody never-seen was tried.
        rate=min(strangers, key=lambda rate: abs(rate - 0.5), default=0.5),
        tests=max(1, len(rungs) + sum(map(len, silent.values()))),
    )
