"""A certificate's two numbers in plain words, with what they do not say."""

from dataclasses import dataclass
from typing import Any

from governance.console.wording import RUNGS, epsilon_words
from governance.jobs.models import Certificate
from governance.verification.method_words import named

B_SAYS = (
    "B, all releases: for somebody who holds every release of this model, before and after, whoever asked for what."
)
A_SAYS = (
    "A, later releases only: for somebody who never saw an earlier release, and nothing in the line was led by one."
)
NOT_SAID = "B cannot show that a deletion happened; it says how little all releases together give away."

FIELD = " (effective_at)"  # what a program finds it under


@dataclass(frozen=True)
class Numbers:
    certificate: Certificate
    rung: str
    b: str
    a: str
    b_before: str
    group: str
    since: str
    assumptions: list[str]
    limits: list[str]
    void: bool
    # Empty for a certificate of the first format, which named no other model.
    b_all: str = ""
    a_all: str = ""
    others: str = ""
    # Whether any number bounds anything: without a ledger none does, unless the records were never held.
    bounded: bool = True
    b_bounded: bool = True


def certificate_words(row: Certificate) -> Numbers:
    body = row.body
    delta = body.get("delta")
    group = int(body.get("group") or 1)
    return Numbers(
        certificate=row,
        rung=RUNGS.get(row.rung, row.rung),
        b=epsilon_words(body["b"]["epsilon"], delta),
        a=epsilon_words(body["a"]["epsilon"], delta),
        b_before=epsilon_words(body["b_before"]["epsilon"], delta),
        group="for one record of each person" if group == 1 else f"for {group} records together",
        since=since(row),
        assumptions=[named(words) for words in body.get("assumptions", [])],
        limits=[
            *(words.replace(FIELD, "") for words in body.get("limits", [])),
            *([NOT_SAID] if body["b"]["epsilon"] is not None else []),
        ],
        void=row.voided_at is not None,
        bounded=any(body[name]["epsilon"] is not None for name in ("a", "b")),
        b_bounded=body["b_before"]["epsilon"] is not None,
        **over_all_models(body),
    )


def over_all_models(body: dict[str, Any]) -> dict[str, str]:
    if "b_all_models" not in body:
        return {}
    return {
        "b_all": epsilon_words(body["b_all_models"]["epsilon"], body["delta"]),
        "a_all": epsilon_words(body["a_all_models"]["epsilon"], body["delta"]),
        "others": others_words([line["ledger"] for line in body["other_models"]]),
    }


def others_words(ledgers: list[str | None]) -> str:
    if not ledgers:
        return "No other model here held rows of these people."
    count = "1 other line of releases" if len(ledgers) == 1 else f"{len(ledgers)} other lines of releases"
    without = ledgers.count(None)
    return f"{count} held rows of theirs{f', {without} of them without a ledger' if without else ''}."


def since(row: Certificate) -> str:
    if row.voided_at:
        return f"Voided on {row.voided_at:%-d %B %Y}: it promises nothing any more."
    if row.effective_at:
        return f"In effect since {row.effective_at:%-d %B %Y, %H:%M} UTC, when the last destruction ended."
    return "Not in effect yet: it counts from the last destruction, which has not happened."
