"""A certificate's two numbers in plain words, with what they do not say."""

from dataclasses import dataclass

from governance.console.wording import RUNGS, epsilon_words
from governance.jobs.models import Certificate

B_SAYS = (
    "B, all releases: for somebody who holds every release of this model, before and after, whoever asked for what."
)
A_SAYS = (
    "A, later releases only: for somebody who never saw an earlier release, and nothing in the line was led by one."
)
NOT_SAID = "B cannot show that a deletion happened; it says how little all releases together give away."


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
        assumptions=list(body.get("assumptions", [])),
        limits=[*body.get("limits", []), NOT_SAID],
        void=row.voided_at is not None,
    )


def since(row: Certificate) -> str:
    if row.voided_at:
        return f"Voided on {row.voided_at:%-d %B %Y}: it promises nothing any more."
    if row.effective_at:
        return f"In effect since {row.effective_at:%-d %B %Y, %H:%M} UTC, when the last destruction ended."
    return "Not in effect yet: it counts from the last destruction, which has not happened."
