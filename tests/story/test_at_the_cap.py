"""The cap on B: fixed before the first release, never changed, and in the way of publishing only."""

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from governance.appendonly import AppendOnlyViolation
from governance.console.waiting import blocker
from governance.errors import GateShut
from governance.intake.models import ErasureRequest
from governance.jobs import plans
from governance.jobs.models import BudgetCap, Plan
from governance.jobs.next_cost import next_cost
from governance.jobs.privacy import history_of
from governance.lineage import services as lineage
from governance.lineage.models import Checkpoint, Snapshot
from governance.lineage.switching_off import stop_serving
from governance.releases import services as releases
from governance.releases.destruction import advance_destroying, advance_published
from governance.releases.leftovers import remove_leftover_rows
from governance.releases.withdrawal import advance_withdrawn, withdraw_model
from tests.story.world import DELTA, Clinic, problem, work
from unlearning.accounting.gdp import mu_for

pytestmark = pytest.mark.django_db
# One release of the patients' model costs a person epsilon 1; a second one no longer fits.
ONE_RELEASE = mu_for(epsilon=1.0, delta=DELTA) * 1.01


def capped(clinic: Clinic, cap_mu: float = ONE_RELEASE) -> Clinic:
    clinic.model = lineage.register_model(
        name="capped", dataset=clinic.snapshot.dataset, engine="certified.train", problem=problem(), cap_mu=cap_mu,
        cap_delta=DELTA, holdout=clinic.holdout, actor=clinic.operator,
    )  # fmt: skip
    return clinic


def shut(checkpoint: Checkpoint | None, policy: Any) -> str:
    from governance.releases.gate import require_open

    assert checkpoint is not None
    with pytest.raises(GateShut) as refusal:
        require_open(checkpoint, policy)
    return str(refusal.value)


def test_at_the_cap_only_publishing_is_refused_and_all_else_goes_through_to_the_end(clinic: Clinic):
    clinic = capped(clinic)
    policy = clinic.policy()
    _, place = clinic.first_release(policy)
    (request,) = clinic.ask([11])
    plan = clinic.plan(policy)
    assert (plan.status, plan.route) == (Plan.Status.STOPPED, "certified.delete"), "the deletion itself was done"
    cost = next_cost(plan.candidate, policy)  # type: ignore[arg-type]
    assert cost is not None
    by_how_much = f"{cost.over:.4g} above the cap of {cost.cap.epsilon:.4g}"
    assert cost.over > 0.0
    assert by_how_much in shut(plan.candidate, policy)
    assert by_how_much in blocker(plan).why, "and the desk says so"

    plans.climb(plan=plan, actor=clinic.officer)
    work()
    plan = Plan.objects.get(pk=plan.pk)
    assert plan.certificates.order_by("id").last().rung == "retrained", "retraining was done too"
    assert (plan.status, "above the cap" in shut(plan.candidate, policy)) == (Plan.Status.STOPPED, True)

    withdraw_model(model=clinic.model, reason="Its budget is spent.", actor=clinic.officer)
    stop_serving(deployment=place, actor=clinic.operator)
    for _ in range(2):
        for advance in (advance_published, advance_destroying, advance_withdrawn, remove_leftover_rows):
            advance()
    request.refresh_from_db()
    assert request.status == ErasureRequest.Status.FULFILLED
    assert Snapshot.objects.get(pk=clinic.snapshot.pk).destroyed_at is not None
    assert set(clinic.model.checkpoints.values_list("status", flat=True)) == {Checkpoint.Status.DESTROYED}


def test_training_anew_does_not_give_the_budget_back(clinic: Clinic):
    clinic = capped(clinic)
    policy = clinic.policy()
    clinic.first_release(policy)
    again = clinic.train(clinic.model, clinic.snapshot)
    with pytest.raises(GateShut, match="above the cap"):
        releases.propose(checkpoint=again, policy=policy, actor=clinic.operator)
    assert [moment.kind for moment in history_of(clinic.model).moments] == ["trained"]  # type: ignore[union-attr]
    assert history_of(clinic.model).moments[0].present.mu > 0.0  # type: ignore[union-attr]


def test_weights_that_were_served_without_a_release_are_spent_all_the_same(clinic: Clinic):
    clinic = capped(clinic)
    policy = clinic.policy()
    first = clinic.train(clinic.model, clinic.snapshot)
    clinic.deploy(first)
    again = clinic.train(clinic.model, clinic.snapshot)
    with pytest.raises(GateShut, match="above the cap"):
        releases.propose(checkpoint=again, policy=policy, actor=clinic.operator)
    Checkpoint.objects.filter(pk=first.pk).update(status=Checkpoint.Status.DESTROYED)
    with pytest.raises(GateShut, match="above the cap"):
        releases.propose(checkpoint=again, policy=policy, actor=clinic.operator)


def test_a_copy_made_elsewhere_of_weights_that_were_never_released_is_spent_too(clinic: Clinic):
    clinic = capped(clinic)
    first = clinic.train(clinic.model, clinic.snapshot)
    files = {"model.json": b'{"learner": {}, "version": [2, 0, 0]}'}
    small = lineage.register_foreign_checkpoint(
        name="small", dataset=None, files=files, gaps=["how"], actor=clinic.operator
    )
    lineage.add_descendant(parent=first, child=small, kind="quantized_from", actor=clinic.operator)
    again = clinic.train(clinic.model, clinic.snapshot)
    with pytest.raises(GateShut, match="above the cap"):
        releases.propose(checkpoint=again, policy=clinic.policy(), actor=clinic.operator)


def test_the_cap_is_fixed_by_the_first_proposal_and_nothing_changes_it(clinic: Clinic):
    first = clinic.train(clinic.model, clinic.snapshot)
    assert not BudgetCap.objects.exists()
    release = releases.propose(checkpoint=first, policy=clinic.policy(bounds__b_epsilon=3.0), actor=clinic.operator)
    assert release.published_at is None, "before anything is public"
    cap = BudgetCap.objects.get(model=clinic.model)
    assert cap.mu == pytest.approx(mu_for(epsilon=3.0, delta=DELTA))

    clinic.approve(release)
    releases.fix_cap(first, clinic.policy(bounds__b_epsilon=200.0))
    cap.mu = 99.0
    for change in (cap.save, cap.delete, lambda: BudgetCap.objects.filter(pk=cap.pk).update(mu=99.0)):
        with pytest.raises(AppendOnlyViolation):
            change()
    with pytest.raises(IntegrityError), transaction.atomic():
        BudgetCap.make(model=clinic.model, mu=99.0, delta=DELTA)
    assert BudgetCap.objects.get(model=clinic.model).mu == pytest.approx(mu_for(epsilon=3.0, delta=DELTA))


def test_the_database_itself_refuses_to_change_a_cap(clinic: Clinic):
    from django.db import connection

    clinic = capped(clinic)
    for statement in ("UPDATE jobs_budgetcap SET mu = 99", "DELETE FROM jobs_budgetcap"):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            connection.cursor().execute(statement)
    assert BudgetCap.objects.get(model=clinic.model).mu == ONE_RELEASE


def test_a_retraining_without_a_ledger_cannot_pass_under_a_cap(clinic: Clinic):
    clinic = capped(clinic)
    checkpoint = clinic.train(clinic.model, clinic.snapshot)
    Checkpoint.objects.filter(pk=checkpoint.pk).update(ledger=None)
    checkpoint.refresh_from_db()
    with pytest.raises(GateShut, match="its B is infinite"):
        releases.propose(checkpoint=checkpoint, policy=clinic.policy(), actor=clinic.operator)


def test_what_publishing_costs_is_known_before_it_is_approved_and_stays_known_after(clinic: Clinic):
    clinic = capped(clinic, cap_mu=3 * ONE_RELEASE)
    policy = clinic.policy()
    first = clinic.train(clinic.model, clinic.snapshot)
    release = releases.propose(checkpoint=first, policy=policy, actor=clinic.operator)
    cost = next_cost(first, policy, release=release.ref)
    assert cost is not None
    assert (cost.now, cost.over, cost.cap.fixed) == (0.0, 0.0, True)
    assert cost.then == pytest.approx(1.0, rel=1e-3)
    assert cost.left == pytest.approx(cost.cap.epsilon - cost.then)
    assert cost.more_like_it == 8, "nine such releases make three times the mu"
    clinic.approve(release)
    first.refresh_from_db()
    assert next_cost(first, policy, release=release.ref) == cost
    known = next_cost(first, policy)
    assert known is not None
    assert known.spent == cost.after
