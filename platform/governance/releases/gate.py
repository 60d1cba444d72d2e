"""The gate per rung: what must hold before two people may even be asked. In doubt it is shut."""

from governance.errors import GateShut
from governance.jobs.models import Certificate, Disposition, Plan
from governance.lineage.models import Checkpoint
from governance.verification.models import Policy, Verdict
from unlearning.accounting import AccountingError, GdpBound, Ledger, require_release_within

FAILED = (Verdict.Outcome.RESIDUAL, Verdict.Outcome.OVER_FORGOTTEN)


def require_open(checkpoint: Checkpoint, policy: Policy) -> None:
    """Raise unless this checkpoint may be released under this policy.

    Raises:
        GateShut: with every reason. For a first release only the cap on B counts: nothing was deleted yet.
    """
    reasons = cap_reasons(checkpoint, policy) + status_reasons(checkpoint) + people_reasons(checkpoint)
    certificate = Certificate.objects.filter(checkpoint=checkpoint).first()
    if certificate is not None:
        reasons += certificate_reasons(certificate, policy) + verdict_reasons(checkpoint)
    if reasons:
        raise GateShut(
            " ".join(reasons), remedy="Retraining or withdrawal is always open; deletion is never refused by a cap."
        )


def status_reasons(checkpoint: Checkpoint) -> list[str]:
    if checkpoint.status == Checkpoint.Status.CANDIDATE:
        return []
    return [f"Checkpoint {checkpoint.ref} is {checkpoint.status}, not a candidate."]


def people_reasons(checkpoint: Checkpoint) -> list[str]:
    """A first release must not hold people who are being erased; a plan's candidate holds fewer than the old one."""
    if Plan.objects.filter(candidate=checkpoint).exists():
        return []
    under_way = (Disposition.Status.OPEN, Disposition.Status.PLANNED)
    asking = checkpoint.dispositions.filter(status__in=under_way).exists()
    snapshot = checkpoint.run.snapshot
    erased = snapshot is not None and snapshot.members.filter(record__erased_at__isnull=False).exists()
    return [f"Checkpoint {checkpoint.ref} learned from people whose erasure was asked for."] if asking or erased else []


def cap_reasons(checkpoint: Checkpoint, policy: Policy) -> list[str]:
    """At the cap publishing is refused, by how much; the cap was fixed before the first release."""
    if checkpoint.ledger is None:
        return []
    cap, claim = getattr(checkpoint.model, "cap", None), policy.body["claim"]
    delta = cap.delta if cap else claim["delta"]
    most = GdpBound(cap.mu).epsilon(delta) if cap else policy.body["bounds"]["b_epsilon"]
    try:
        require_release_within(Ledger.from_dict(checkpoint.ledger), cap_epsilon=most, delta=delta)
    except AccountingError as error:
        return [f"{error.message} {error.remedy}"]
    return []


def certificate_reasons(certificate: Certificate, policy: Policy) -> list[str]:
    """`unlearned_certified`: both numbers within the policy's bounds. An infinite number is never within."""
    if certificate.voided_at:
        return ["The certificate was voided."]
    if certificate.rung != "unlearned_certified":
        return []
    reasons = []
    for number, bound in (("a", "a_epsilon"), ("b", "b_epsilon")):
        epsilon, most = certificate.body[number]["epsilon"], policy.body["bounds"][bound]
        if epsilon is None or epsilon > most:
            shown = "infinite" if epsilon is None else f"{epsilon:.4g}"
            reasons.append(f"Number {number.upper()} is {shown}; the policy allows {most:g}.")
    return reasons


def verdict_reasons(checkpoint: Checkpoint) -> list[str]:
    """Certified and retrained rungs: verification may only raise an alarm, so anything but `failed` opens."""
    verdict = Verdict.objects.filter(checkpoint=checkpoint).order_by("-id").first()
    if verdict is None:
        return ["No verdict was reached yet."]
    if verdict.outcome in FAILED:
        return [f"The verdict is {verdict.get_outcome_display()}."]
    return []
