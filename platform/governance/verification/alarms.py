"""A failed verdict on a certified candidate is an alarm. One that is found false publishes the same draw."""

from django.db import transaction

from evidence.canonical import digest_json
from governance.actors import Actor
from governance.audit.models import Event
from governance.audit.sealing import commit, seal
from governance.audit.services import append
from governance.errors import Conflict, FourEyes, Invalid
from governance.jobs.models import Plan
from governance.releases.gate import is_approximate
from governance.releases.opening import open_gate
from governance.verification.arms import attempts
from governance.verification.models import Verdict
from governance.verification.statistics import clopper_pearson

LONGEST_FINDING = 4000
ALARMS = (Verdict.Outcome.RESIDUAL, Verdict.Outcome.WITNESS)


@transaction.atomic
def clear(*, plan: Plan, finding: str, actor: Actor) -> Verdict:
    """A person other than the proposer finds that the alarm was false, and says why; the finding is sealed.

    The candidate stays the one that was drawn: nothing is drawn again or chosen, so the certificate stands. Two
    approvers still decide about the release, and whoever cleared the alarm is none of them.

    Raises:
        Conflict: no_alarm, attack_decides. FourEyes: the proposer, or a machine. Invalid: finding_missing.
    """
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    alarm = plan.verdicts.order_by("-id").first()
    if alarm is None or plan.status != Plan.Status.STOPPED or alarm.outcome not in ALARMS:
        raise Conflict(
            f"Plan {plan.ref} was not stopped by an alarm of attack or witness; a damaged model is no false alarm.",
            code="no_alarm",
            remedy="Climb to retraining, or withdraw the model.",
        )
    if is_approximate(alarm.checkpoint):
        raise Conflict(
            f"Plan {plan.ref} unlearned without a proof: an attack's word is all there is, and no finding replaces it.",
            code="attack_decides",
            remedy="Climb to retraining, or withdraw the model.",
        )
    if is_damaged(alarm):
        raise Conflict(
            f"The candidate of plan {plan.ref} is below the policy's utility floor; that is no false alarm.",
            code="no_alarm",
            remedy="Climb to retraining, or withdraw the model.",
        )
    if actor.user is None or actor.user == plan.proposer:
        raise FourEyes("Somebody other than the person who confirmed the plan must look into the alarm.")
    if not finding.strip() or len(finding) > LONGEST_FINDING:
        raise Invalid(f"Say in 1 to {LONGEST_FINDING} characters why the alarm was false.", code="finding_missing")
    sealed = seal(plan.ref, f"alarm/{alarm.ref}", {"finding": finding})
    body = cleared_body(alarm)
    verdict: Verdict = Verdict.make(
        plan=plan,
        checkpoint=alarm.checkpoint,
        job=alarm.job,
        policy=alarm.policy,
        outcome=Verdict.Outcome.INCONCLUSIVE,
        body=body,
        digest=digest_json(body),
        cleared_by=actor.user,
    )
    facts = {"verdict": verdict.digest, "outcome": "inconclusive", "attempts": attempts(plan).count()}
    why = {"clears": alarm.digest, "clearer": commit(plan.ref, actor.user.ref), "finding": sealed}
    append(Event.VERDICT_REACHED, thread=plan.ref, actor=actor, body=facts | why)
    open_gate(plan, verdict)
    return verdict


def is_damaged(alarm: Verdict) -> bool:
    """Whether the open count of right answers alone puts the candidate below the floor, as the verifier sees it."""
    rules, utility = alarm.policy.body["verification"], alarm.body.get("utility")
    if not utility:
        return False
    level = rules["level"] / 2 ** alarm.body["attempt"]
    bounds = clopper_pearson(utility["successes"], utility["trials"], level=level)
    return bool(bounds.high < rules["utility_floor"])


def cleared_body(alarm: Verdict) -> dict[str, object]:
    who = "The witness of noise and steps" if alarm.outcome == Verdict.Outcome.WITNESS else "The attack"
    kept = ("format", "policy", "attempt", "measurements", "records", "utility", "power", "witness")
    return {
        **{name: alarm.body[name] for name in kept if name in alarm.body},
        "outcome": "inconclusive",
        "clears": alarm.digest,
        "reasons": [f"{who} raised an alarm; a person found it false and said why. The same draw goes on."],
    }
