"""What a policy asks of sentinels: how many there should be. It shuts no gate; that they lack is said aloud."""

from governance.jobs.models import Plan
from governance.verification.sentinel_models import SentinelSet


def too_few(plan: Plan) -> str:
    """A sentence where the data hold fewer sentinels than the policy asks for; else nothing."""
    asked = int(plan.policy.body["verification"].get("sentinels", {}).get("people", 0))
    sets = SentinelSet.objects.filter(dataset=plan.model.dataset, revealed_at=None, created_at__lte=plan.created_at)
    there = sum(sets.values_list("count", flat=True)) if plan.model.dataset else 0
    if there >= asked:
        return ""
    return f"The policy asks for {asked} sentinels in the data; {there or 'none'} were planted before this plan."
