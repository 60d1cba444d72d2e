"""What each button does: one call of one service.

Services are imported inside each act, so that opening a page never loads what only an action needs.
"""

from governance.actors import Actor
from governance.errors import Invalid
from governance.intake.models import ErasureRequest
from governance.jobs.models import Job, Plan
from governance.lineage.models import Base, TrainedModel
from governance.releases.models import Release
from governance.verification.models import Policy, SentinelSet

Form = dict[str, str]
# What is written to confirm that the list of sentinels is opened, which nobody can undo.
REVEAL = "reveal"


def prove_identity(row: ErasureRequest, actor: Actor, form: Form) -> object:
    from governance.intake.services import prove_identity as service

    return service(request=row, method=answer(form, "method"), actor=actor)


def confirm_scope(row: ErasureRequest, actor: Actor, _form: Form) -> object:
    from governance.intake.services import confirm_scope as service

    return service(request=row, actor=actor)


def refuse(row: ErasureRequest, actor: Actor, form: Form) -> object:
    from governance.intake.services import refuse as service

    return service(request=row, ground=answer(form, "ground"), reason=answer(form, "reason"), actor=actor)


def withdraw_request(row: ErasureRequest, actor: Actor, _form: Form) -> object:
    from governance.intake.services import withdraw as service

    return service(request=row, actor=actor)


def remove_records(row: ErasureRequest, actor: Actor, _form: Form) -> object:
    from governance.intake.services import remove_records as service

    return service(request=row, actor=actor)


def plant_sentinels(row: TrainedModel, actor: Actor, form: Form) -> object:
    from governance.verification.sentinels import plant as service

    count = answer(form, "count")
    if row.dataset is None or not count.isascii() or not count.isdigit():
        raise Invalid("A model with a dataset here and a whole number are needed.", code="bad_count")
    return service(
        dataset=row.dataset, kind=answer(form, "kind"), count=int(count), like=answer(form, "like"), actor=actor,
        constants=row.problem,
    )  # fmt: skip


def reveal_sentinels(row: SentinelSet, actor: Actor, form: Form) -> object:
    from governance.verification.sentinels import reveal as service

    if answer(form, "sure").lower() != REVEAL:
        raise Invalid("The list was not opened.", code="not_confirmed", remedy=f"Write {REVEAL!r} if you are sure.")
    return service(sentinels=row, actor=actor)


def propose_plan(row: TrainedModel, actor: Actor, form: Form) -> object:
    from governance.jobs.plans import propose as service

    return service(model=row, policy=chosen_policy(form), actor=actor)


def withdraw_model(row: TrainedModel, actor: Actor, form: Form) -> object:
    from governance.releases.withdrawal import withdraw_model as service

    return service(model=row, reason=answer(form, "reason"), actor=actor)


def retract_base(row: Base, actor: Actor, form: Form) -> object:
    from governance.releases.retraction import retract_base as service

    return service(base=row, reason=answer(form, "reason"), actor=actor)


def confirm_plan(row: Plan, actor: Actor, _form: Form) -> object:
    from governance.jobs.plans import confirm as service

    return service(plan=row, actor=actor)


def climb_ladder(row: Plan, actor: Actor, _form: Form) -> object:
    from governance.jobs.plans import climb as service

    return service(plan=row, actor=actor)


def climb_plan(row: Plan, actor: Actor, _form: Form) -> object:
    from governance.jobs.plans import climb_to_the_top as service

    return service(plan=row, actor=actor)


def clear_alarm(row: Plan, actor: Actor, form: Form) -> object:
    from governance.verification.alarms import clear as service

    return service(plan=row, finding=form.get("finding", ""), actor=actor)


def discard_plan(row: Plan, actor: Actor, _form: Form) -> object:
    from governance.jobs.plans import discard as service

    return service(plan=row, actor=actor)


def propose_release(row: Plan, actor: Actor, _form: Form) -> object:
    from governance.releases.services import propose as service

    if row.candidate is None:
        raise Invalid(
            f"Plan {row.ref} has no candidate yet.", code="no_candidate", remedy="Wait until its job is done."
        )
    return service(checkpoint=row.candidate, policy=row.policy, plan=row, actor=actor)


def approve_release(row: Release, actor: Actor, _form: Form) -> object:
    from governance.releases.services import approve as service

    return service(release=row, actor=actor)


def withdraw_release(row: Release, actor: Actor, form: Form) -> object:
    from governance.releases.services import withdraw as service

    return service(release=row, reason=answer(form, "reason"), actor=actor)


def cancel_job(row: Job, actor: Actor, _form: Form) -> object:
    from governance.jobs.services import cancel as service

    return service(row.ref, actor=actor)


def retry_job(row: Job, actor: Actor, _form: Form) -> object:
    from governance.jobs.services import retry_dead as service

    return service(row.ref, actor=actor)


def answer(form: Form, name: str) -> str:
    """What was filled in. An empty answer is a refusal with a remedy, before any service is asked."""
    value = form.get(name, "").strip()
    if not value:
        raise Invalid(f"The field {name!r} is empty.", code="field_empty", remedy="Fill it in and try again.")
    return value


def chosen_policy(form: Form) -> Policy:
    policy = Policy.objects.filter(ref=answer(form, "policy")).first()
    if policy is None:
        raise Invalid("No such policy is fixed.", code="unknown_policy", remedy="Choose one from the list.")
    return policy
