"""A verdict in words: what its outcome means, of which step of a ladder it speaks, and where all its reasons are."""

from dataclasses import dataclass

from governance.jobs.models import Job, Plan
from governance.verification.method_words import method_short
from governance.verification.models import Verdict
from governance.verification.reason_words import plain

Outcome = Verdict.Outcome
TONES: dict[str, str] = {Outcome.PASSED: "done", Outcome.INCONCLUSIVE: "soon"}
HEADLINES = {
    Outcome.PASSED: "No recovery beyond the policy's margin was found by the batteries below, at the strengths below, "
    "and those that the policy requires could see one. That is no proof that nothing is left.",
    Outcome.RESIDUAL: "What was to be forgotten can be had back from the candidate more often than from models that "
    "never held it.",
    Outcome.OVER_FORGOTTEN: "The candidate fails on what was to be forgotten where models that never held it do not: "
    "it is damaged, and that too tells who was erased.",
    Outcome.WITNESS: "The weights do not look as the ledger says: noise or steps are missing.",
    Outcome.INCONCLUSIVE: "These batteries could not tell. Nothing was found, and nothing was shown.",
}
# Says the same whatever was measured: how many reasons are sealed, or which, would tell.
HOW_INCONCLUSIVE = (
    "A verdict is inconclusive when one of these holds: too few records or retrained models for the policy's margin; a "
    "required battery that could not even see the records in the old model; an interval of the excess that reaches "
    "beyond the margin on either side; something named in the policy that was not measured. Reasons that look at the "
    "erased records are sealed: an auditor reads all of them in the reading room while the case is open."
)
RETRAINED = (
    "This candidate never held the records, so its gate opens on the retraining itself: here the attack may only raise "
    "an alarm, and it raised none."
)


@dataclass(frozen=True)
class Said:
    """title: of which candidate. meaning: of the outcome. aside: what else a reader must know."""

    title: str
    tone: str
    meaning: str
    reasons: list[str]
    power: str
    asides: list[str]


def said(verdict: Verdict) -> Said:
    of_what = candidate_words(verdict)
    return Said(
        title=f"Verdict{of_what}: {verdict.get_outcome_display()}",
        tone=TONES.get(verdict.outcome, "late"),
        meaning=HEADLINES[Outcome(verdict.outcome)].replace(" below", " asked"),
        reasons=reasons(verdict),
        power=power(verdict),
        asides=asides(verdict),
    )


def reasons(verdict: Verdict) -> list[str]:
    """As the verdict was written down, with the names of measurements in words."""
    return [plain(str(reason)) for reason in verdict.body.get("reasons") or []]


def power(verdict: Verdict) -> str:
    """What could have gone unseen; empty where a reason says it already."""
    found = verdict.body.get("power") or ""
    words = str(found.get("words", "") if isinstance(found, dict) else found)
    return "" if words in reasons(verdict) else words


def asides(verdict: Verdict) -> list[str]:
    if verdict.outcome != Outcome.INCONCLUSIVE or not verdict.body.get("batteries"):
        return []
    return [HOW_INCONCLUSIVE, *([RETRAINED] if is_retrained(verdict) else [])]


def is_retrained(verdict: Verdict) -> bool:
    job = maker(verdict)
    return job is not None and job.purpose == Job.Purpose.RETRAIN


def candidate_words(verdict: Verdict) -> str:
    """' on NPO', ' on the retraining'; nothing where a plan has one candidate only."""
    job = maker(verdict)
    if job is None:
        return ""
    if job.purpose == Job.Purpose.RETRAIN:
        return " on the retraining"
    method = job.spec["params"].get("method")
    return f" on {method_short(method)}" if method else ""


def maker(verdict: Verdict) -> Job | None:
    """The job that made the weights the verdict is about."""
    plan: Plan = verdict.plan
    drawing = (Job.Purpose.UNLEARN, Job.Purpose.RETRAIN)
    made: Job | None = (
        plan.jobs.filter(purpose__in=drawing, weights=verdict.checkpoint.object_digest).order_by("-id").first()
    )
    return made
