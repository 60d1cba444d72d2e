"""The records that a gate's rules are about: at the budgets they name, and long enough to say anything there."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from governance.verification.facets import Facet, facet_of
from governance.verification.reading import PLANTED, Line
from governance.verification.rungs import Rung

LENGTHS = "scope.tokens"


def narrowed(
    batteries: Mapping[str, Sequence[Rung]], lines: Sequence[Line], policy: Mapping[str, Any], *, canaries: bool
) -> dict[str, list[Rung]]:
    """Of what a gate asks, the budgets that its rules name, on records that are long enough to say anything there."""
    lengths = {arm: lengths_of(lines, arm, canaries=canaries) for arm in ("A", "C")}
    asked = {rule["battery"] for rule in policy.get("facets", ())}
    found: dict[str, list[Rung]] = {}
    for name, rungs in batteries.items():
        kept = [(rung, facet_of(policy, name, rung.budget)) for rung in rungs]
        rungs = [long_enough(rung, facet, lengths) for rung, facet in kept if facet or name not in asked]
        found |= {name: rungs} if rungs else {}
    return found


def lengths_of(lines: Sequence[Line], arm: str, *, canaries: bool) -> list[int]:
    """Tokens of each record's passage: of the erased ones (A), or of never-seen ones (C)."""
    name = f"{PLANTED}{LENGTHS}" if canaries else LENGTHS
    return next((line["per_record"] for line in lines if line["name"] == name and line["arm"] == arm), [])


def long_enough(rung: Rung, facet: Facet | None, lengths: Mapping[str, Sequence[int]]) -> Rung:
    """All arms cut alike: a passage too short for the run can never give it, so as a control it would only accuse."""
    least = (facet or {}).get("least_tokens", 0)
    if not least:
        return rung
    own, unseen = long_places(lengths["A"], rung.a, least), long_places(lengths["C"], rung.c, least)
    return replace(
        rung,
        a=at_places(rung.a, own),
        p=at_places(rung.p, own),
        b=[at_places(b, own) for b in rung.b],
        c=at_places(rung.c, unseen),
        d=[at_places(d, unseen) for d in rung.d],
    )


def long_places(lengths: Sequence[int], bits: Sequence[int], least: int) -> list[int]:
    """Without their lengths none is known to be long enough."""
    return [at for at, length in enumerate(lengths) if length >= least] if len(lengths) == len(bits) else []


def at_places(bits: Sequence[int], places: Sequence[int]) -> list[int]:
    return [bits[at] for at in places] if bits else []
