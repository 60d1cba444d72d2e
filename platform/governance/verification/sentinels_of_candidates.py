"""A batch unlearned without a proof is checked against sentinels as well, before anybody is asked to approve it.

Asked beside its controls, read by the tick, and waited for by the verdict. An alarm shuts the gate (`releases.gate`):
nothing but an attack speaks for such a candidate, so this one may speak against it. For certified and retrained
candidates a sentinel's test stays what it was, an alarm to people at the proposal.
"""

from functools import partial
from typing import Any

from governance.lineage.models import Checkpoint
from governance.releases.gate import is_approximate
from governance.verification.sentinel_models import SentinelRetest, SentinelSet
from governance.verification.sentinel_retests import begin, turn


def ask_about(candidate: Checkpoint) -> int:
    """Begin a test of the candidate for every set in its data that it or its records met. Returns how many began."""
    if not is_approximate(candidate):
        return 0
    sets = SentinelSet.objects.filter(dataset=candidate.model.dataset, revealed_at=None).order_by("id")
    return sum(turn(row.ref, partial(begin, row, candidate)) for row in sets)


def still_asked(candidate: Checkpoint) -> bool:
    """Whether a test of it is under way. Each ends: a job that is given up leaves its test `untested`."""
    return is_approximate(candidate) and candidate.sentinel_retests.filter(outcome="").exists()


def what_they_said(candidate: Checkpoint) -> dict[str, Any]:
    """For the verdict: every set by its reference, the outcome and the digest of the test's own document."""
    if not is_approximate(candidate):
        return {}
    found: list[SentinelRetest] = list(candidate.sentinel_retests.select_related("sentinels").order_by("id"))
    said = [{"set": each.sentinels.ref, "outcome": each.outcome, "retest": each.digest} for each in found]
    return {"sentinels": said} if said else {}
