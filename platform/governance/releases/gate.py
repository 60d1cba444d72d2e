"""The gate per rung: what must hold before two people may even be asked. In doubt it is shut."""

from governance.errors import GateShut
from governance.intake.models import ErasureRequest
from governance.jobs.models import BudgetCap, Certificate, Disposition, Plan
from governance.jobs.next_cost import NextCost, next_cost
from governance.lineage.bases import retracted_base_of
from governance.lineage.models import Checkpoint, Record
from governance.verification.models import Policy, SentinelRetest, Verdict
from unlearning.accounting import AccountingError

APPROXIMATE = "unlearned_approximately"
RETRAINED = "retrained"
FAILED = (Verdict.Outcome.RESIDUAL, Verdict.Outcome.WITNESS, Verdict.Outcome.OVER_FORGOTTEN)


def require_open(checkpoint: Checkpoint, policy: Policy) -> None:
    """Raise unless this checkpoint may be released under this policy.

    Raises:
        GateShut: with every reason. For a first release only the cap on B counts: nothing was deleted yet.
    """
    reasons = cap_reasons(checkpoint, policy) + status_reasons(checkpoint) + people_reasons(checkpoint)
    reasons += base_reasons(checkpoint)
    certificate = Certificate.objects.filter(checkpoint=checkpoint).first()
    if certificate is not None:
        reasons += certificate_reasons(certificate, policy) + verdict_reasons(checkpoint)
        reasons += sentinel_reasons(checkpoint)
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
    asking = checkpoint.dispositions.filter(status__in=under_way).exists() or learned_from_somebody_asking(checkpoint)
    snapshot = checkpoint.run.snapshot
    erased = snapshot is not None and snapshot.members.filter(record__erased_at__isnull=False).exists()
    return [f"Checkpoint {checkpoint.ref} learned from people whose erasure was asked for."] if asking or erased else []


def base_reasons(checkpoint: Checkpoint) -> list[str]:
    base = retracted_base_of(checkpoint.model)
    if base is None:
        return []
    return [f"Base {base.ref}, which it stands on, was retracted: people of this house are in it. Withdraw the model."]


def learned_from_somebody_asking(checkpoint: Checkpoint) -> bool:
    """A training that ended after the scope was confirmed has no disposition yet; of an unknown version, in doubt."""
    under_way = (ErasureRequest.Status.SCOPED, ErasureRequest.Status.IN_PROGRESS)
    asking = Record.objects.filter(subject__requests__status__in=under_way)
    if checkpoint.run.snapshot is not None:
        return asking.filter(places__snapshot=checkpoint.run.snapshot).exists()
    return checkpoint.model.dataset is not None and asking.filter(dataset=checkpoint.model.dataset).exists()


def cap_reasons(checkpoint: Checkpoint, policy: Policy) -> list[str]:
    """At the cap publishing is refused, by how much; the cap was fixed before the first release."""
    try:
        cost = next_cost(checkpoint, policy)
    except AccountingError as error:
        return [f"{error.message} {error.remedy}"]
    if cost is None:
        return no_ledger_under_a_cap(checkpoint)
    return [over_the_cap(cost)] if cost.over > 0.0 else []


def no_ledger_under_a_cap(checkpoint: Checkpoint) -> list[str]:
    if not BudgetCap.objects.filter(model=checkpoint.model).exists():
        return []
    return [f"Model {checkpoint.model.ref} has a cap on B, and this checkpoint has no ledger: its B is infinite."]


def over_the_cap(cost: NextCost) -> str:
    return (
        f"Publishing would bring B to epsilon {cost.then:.4g} at delta {cost.cap.delta:g}, "
        f"{cost.over:.4g} above the cap of {cost.cap.epsilon:.4g} (spent so far: {cost.now:.4g}). "
        "Do not publish; deletion and withdrawal stay allowed."
    )


def certificate_reasons(certificate: Certificate, policy: Policy) -> list[str]:
    """`unlearned_certified`: both numbers within the policy's bounds. An infinite number is never within.

    The bound on B is about every release of every model that held the rows (decision 0018).
    """
    if certificate.voided_at:
        return ["The certificate was voided."]
    if certificate.rung != "unlearned_certified":
        return []
    reasons = []
    over_all = "b_all_models" if "b_all_models" in certificate.body else "b"
    for number, judged, bound in (("a", "a", "a_epsilon"), ("b", over_all, "b_epsilon")):
        epsilon, most = certificate.body[judged]["epsilon"], policy.body["bounds"][bound]
        if epsilon is None or epsilon > most:
            shown = "infinite" if epsilon is None else f"{epsilon:.4g}"
            where = " over all models that held these people's rows" if judged == "b_all_models" else ""
            reasons.append(f"Number {number.upper()} is {shown}{where}; the policy allows {most:g}.")
    return reasons


def verdict_reasons(checkpoint: Checkpoint) -> list[str]:
    """Certified and retrained rungs: verification may only raise an alarm, so anything but `failed` opens.

    For what no ledger and no data proves, the attack is all there is: only `passed` opens.
    """
    verdict = Verdict.objects.filter(checkpoint=checkpoint).order_by("-id").first()
    if verdict is None:
        return ["No verdict was reached yet."]
    if verdict.outcome in FAILED:
        return [f"The verdict is {verdict.get_outcome_display()}."]
    if verdict.outcome != Verdict.Outcome.PASSED and is_approximate(checkpoint):
        return [
            f"The verdict is {verdict.get_outcome_display().lower()}: what was unlearned without a proof is released "
            "only when an attack that could have found the records did not."
        ]
    return []


def sentinel_reasons(checkpoint: Checkpoint) -> list[str]:
    """Without a proof the tests on planted people count too: an alarm shuts the gate, one under way keeps it shut."""
    if not is_approximate(checkpoint):
        return []
    shut = (*SentinelRetest.ALARMS, SentinelRetest.Outcome.RUNNING)
    tests = checkpoint.sentinel_retests.filter(outcome__in=shut).select_related("sentinels").order_by("id")
    return [f"Sentinels {test.sentinels.ref}: {test.get_outcome_display().lower()}." for test in tests]


def is_approximate(checkpoint: Checkpoint) -> bool:
    """Whether nothing but an attack's verdict speaks for it."""
    return Certificate.objects.filter(checkpoint=checkpoint, rung=APPROXIMATE).exists()


def is_retrained(checkpoint: Checkpoint | None) -> bool:
    """Whether it is what training gives that never saw the erased rows."""
    return Certificate.objects.filter(checkpoint=checkpoint, rung=RETRAINED).exists()
