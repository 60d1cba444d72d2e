"""Reasons of a verdict as people read them: names of measurements in words; for the reading room, all of them."""

import re
from collections.abc import Sequence
from typing import Any

from governance.verification.families import family_of
from governance.verification.measurement_words import measurement_words
from governance.verification.models import Verdict
from governance.verification.narrowing import narrowed
from governance.verification.reading import batteries_of, silent_of, utility_of
from governance.verification.recipes import stands_in
from governance.verification.strength_words import strength_words
from governance.verification.verdict import judge

NAME = r"\b(?:canary\.)?(?:uma|membership|text|probe|relearning|quantised|utility|scope)(?:\.[a-z0-9_]+)+"
FREE = re.compile(r"[,:] about 0 s(?: each)?")
PLACE = re.compile(rf"At budget ([0-9.e+-]+) of ({NAME})")


def plain(text: str) -> str:
    """A sentence with each raw, dotted name of a measurement put into words, and its strength with a unit."""
    text = PLACE.sub(lambda found: f"{quoted(found[2])}, at {strength_words(found[2], [float(found[1])])}:", text)
    return re.sub(NAME, lambda found: quoted(found[0]), text)


def priced(text: str) -> str:
    """What a way to decide costs; nothing is said of it where the policy fixes no price: 0 s would read as free."""
    return FREE.sub("", text)


def quoted(name: str) -> str:
    return f"“{measurement_words(name)}”"


def all_reasons(verdict: Verdict, lines: Sequence[dict[str, Any]]) -> list[str]:
    """Every reason, the sealed ones too: the verdict's own function over all lines, again. For the reading room alone.

    What planted records and the witness said stands in the open verdict; this is about erased ones. Nothing is given
    where the rules came to something else than the verdict says: they have changed since, and would explain nothing.
    """
    plan, body = verdict.plan, verdict.body
    family = family_of(plan.model.engine)
    if family is None or not lines:
        return []
    rules = family.for_verdict(verdict.policy.body["verification"])
    known = None
    if "qualification" in body:
        known, _ = stands_in(plan.model, verdict.policy, before=verdict.job.created_at)
    found = judge(
        narrowed(batteries_of(lines, canaries=False), lines, rules, canaries=False),
        utility_of(lines),
        rules,
        silent=silent_of(lines, canaries=False),
        attempt=body["attempt"],
        qualification=known,
    )
    others = body.get("kind") == "witness" or (body.get("canaries") or {}).get("outcome") == "failed_residual"
    if found.outcome != verdict.outcome and not others:
        return []
    return [plain(reason.text) for reason in found.reasons]
