"""A batch unlearned without a proof is checked against sentinels as well, before anybody is asked to approve it.

Asked beside its controls, read by the tick, and waited for by the verdict. An alarm shuts the gate (`releases.gate`):
nothing but an attack speaks for such a candidate, so this one may speak against it. For certified and retrained
candidates a sentinel's test stays what it was, an alarm to people at the proposal.

A set that cannot be asked about ends `untested` with the reason, in its own document and in the verdict: the gate does
not wait for ever, and nobody takes for clean what was not looked at.
"""

from typing import Any

from governance.errors import Conflict, ObelusError
from governance.lineage.models import Checkpoint
from governance.releases.gate import is_approximate
from governance.verification.sentinel_models import SentinelRetest, SentinelSet
from governance.verification.sentinel_retests import begin, not_asked


def ask_about(candidate: Checkpoint) -> int:
    """Begin a test of the candidate for every set in its data that it or its records met.

    Returns how many are written down, those that could not begin among them.
    """
    if not is_approximate(candidate):
        return 0
    sets = SentinelSet.objects.filter(dataset=candidate.model.dataset, revealed_at=None).order_by("id")
    return sum(asked(row, candidate) for row in sets)


def asked(row: SentinelSet, candidate: Checkpoint) -> int:
    """One set's turn. What stops it does not stop the others."""
    try:
        return begin(row, candidate)
    except Conflict as stopped:
        return 0 if stopped.code == "already_retested" else not_asked(row, candidate, stopped)
    except ObelusError as stopped:
        return not_asked(row, candidate, stopped)


def still_asked(candidate: Checkpoint) -> bool:
    """Whether a test of it is under way. Each ends: a job that is given up leaves its test `untested`."""
    return is_approximate(candidate) and candidate.sentinel_retests.filter(outcome="").exists()


def what_they_said(candidate: Checkpoint, reasons: list[str]) -> dict[str, Any]:
    """For the verdict: every set by its reference, the outcome and the digest of the test's own document.

    Where one could not be tested, the verdict's reasons and why not as well.
    """
    if not is_approximate(candidate):
        return {}
    found: list[SentinelRetest] = list(candidate.sentinel_retests.select_related("sentinels").order_by("id"))
    said = [{"set": each.sentinels.ref, "outcome": each.outcome, "retest": each.digest} for each in found]
    lost = [
        f"Sentinels {each.sentinels.ref} could not be tested. {(each.body or {}).get('words', '')}"
        for each in found
        if each.outcome == SentinelRetest.Outcome.UNTESTED
    ]
    return {**({"sentinels": said} if said else {}), **({"reasons": [*reasons, *lost]} if lost else {})}
