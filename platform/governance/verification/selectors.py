"""Questions of verification that a page or the API may ask: what was tried, what would decide, what it would cost."""

from typing import Any

from django.db.models import QuerySet

from governance.jobs.models import Plan
from governance.lineage.models import TrainedModel
from governance.releases.gate import is_approximate
from governance.verification.models import Policy, Verdict
from governance.verification.qualification_models import Qualification, QualificationRun
from governance.verification.recipes import qualification_of, why_not_qualified
from governance.verification.sentinel_models import SentinelRetest
from governance.verification.sentinel_retests import TO_COME


def latest_verdict(plan: Plan) -> Verdict | None:
    """The verdict on the plan's present candidate."""
    return plan.verdicts.filter(checkpoint=plan.candidate).order_by("-id").first() if plan.candidate else None


def what_would_decide(plan: Plan) -> dict[str, Any] | None:
    """For an inconclusive verdict: why, what could have been seen, and each way to decide it with its cost.

    {"reasons", "power", "ways": sentences, "gate": whether it stays shut until then, "retrain_cost_s",
    "if_not_passed_s": of the plan, None where the policy has no price}; None for any other verdict. Nothing in it was
    measured on deleted rows.
    """
    verdict = latest_verdict(plan)
    if verdict is None or verdict.outcome != Verdict.Outcome.INCONCLUSIVE or plan.candidate is None:
        return None
    choice = plan.body["choice"]
    return {
        "reasons": verdict.body["reasons"],
        "power": verdict.body["power"],
        "ways": verdict.body.get("decides", []),
        "gate": "shut" if is_approximate(plan.candidate) else "open",
        "retrain_cost_s": choice.get("retrain_cost_s"),
        "if_not_passed_s": choice.get("if_not_passed_s"),
    }


def costs_of(plan: Plan) -> dict[str, float | None] | None:
    """What a plan without a ledger weighed, in seconds: both ways, one training, all references, all shadows."""
    names = ("approximate_cost_s", "retrain_cost_s", "training_s", "references_s", "shadows_s", "if_not_passed_s")
    choice = plan.body["choice"]
    return {name: choice[name] for name in names} if "approximate_cost_s" in choice else None


def alarms_standing() -> list[SentinelRetest]:
    """Sentinels' alarms about what is out or about to go out; withdrawing or replacing it ends them."""
    found = SentinelRetest.objects.filter(outcome__in=SentinelRetest.ALARMS, checkpoint__release__status__in=TO_COME)
    return list(found.select_related("sentinels", "checkpoint__model", "checkpoint__release").order_by("id"))


def never_asked() -> list[tuple[Plan, SentinelRetest]]:
    """Candidates that no proof covers, not published yet, with each set that they could not be asked about."""
    waiting = Plan.objects.filter(status__in=(Plan.Status.VERIFYING, Plan.Status.GATE)).order_by("id")
    found = [(plan, plan.candidate) for plan in waiting if plan.candidate and is_approximate(plan.candidate)]
    untested = SentinelRetest.Outcome.UNTESTED
    return [
        (plan, each)
        for plan, candidate in found
        for each in candidate.sentinel_retests.filter(outcome=untested).select_related("sentinels").order_by("id")
    ]


def qualifications() -> QuerySet[Qualification]:
    """Every recipe that was tried, newest first, with its run and policy."""
    return Qualification.objects.select_related("run__policy").order_by("-id")


def unfinished_runs() -> QuerySet[QualificationRun]:
    """Trials under way."""
    return QualificationRun.objects.filter(qualification=None).order_by("-id")


def qualification_words(model: TrainedModel, policy: Policy) -> str:
    """Whether a small batch of this model could do without references under this policy, in one sentence."""
    if policy.body["verification"].get("references_by", "fresh") == "fresh":
        return "This policy trains references for every batch; no qualification is needed."
    found = qualification_of(model, policy)
    return why_not_qualified(found) or f"Its recipe is qualified ({found.ref if found else ''})."
