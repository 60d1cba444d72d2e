"""What was not done, in the report's own words: an auditor should not have to find it out."""

from typing import Any

from governance.jobs.models import Plan
from governance.lineage.models import Descent
from governance.verification.sentinel_wishes import too_few

Facts = dict[str, Any]
NOISE = (
    "Noise was not recorded, so nobody can replay the run; that the steps ran and drew fresh noise is attested by "
    "the runner, not proved."
)
NO_NOISE = "That the run took the steps that its specification names is attested by the runner, not proved."
ALWAYS = [
    "Copies outside this house (downloads of earlier releases, backups of recipients) were not looked for. Number B "
    "is about whoever kept one.",
    "On copy-on-write or flash media, overwriting before removal is no proof that the medium forgot.",
    "The signed log has no outside witness in this version: its key holder could show two people two logs.",
]


def not_done(plan: Plan, facts: Facts) -> list[str]:
    """What holds for every case, then what holds for this one."""
    lacking = too_few(plan)
    ran = NOISE if facts["certificate"]["ledger"] else NO_NOISE
    return [ran, *ALWAYS, *tested_less(facts), *([lacking] if lacking else []), *reached_less(plan, facts)]


def tested_less(facts: Facts) -> list[str]:
    found = []
    if not facts["battery"]["engines"]:
        found.append("No attack of ours fits this kind of model; nothing was tested.")
    if facts["battery"]["engines"] and not facts["verdict"]["canaries"]:
        found.append("No planted records were in the training data, so no attack on canaries was made.")
    if facts["battery"]["sealed"]:
        found.append(
            "Results on the erased records are not in this report nor in the bundle: they are noiseless functions of "
            "deleted data, were read once for the verdict, and were destroyed with the case."
        )
    return found


def reached_less(plan: Plan, facts: Facts) -> list[str]:
    found = []
    if not plan.model.deployments.exclude(serving="").exists():
        found.append(
            "No deployment has ever reported what it serves; that the old weights are out of use is not shown."
        )
    if Descent.objects.filter(parent=plan.source).exclude(kind=Descent.Kind.UNLEARNED).exists():
        found.append("Models were made from the old weights elsewhere; they are judged by plans of their own.")
    if any("cannot tell" in line["why"] for line in facts["scope"]["untouched"]):
        found.append("For models whose training data are unknown here, nothing was decided by this plan.")
    return found
