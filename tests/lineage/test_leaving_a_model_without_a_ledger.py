"""A person's numbers in a model that keeps no ledger: in it, out of it, and what no number bounds are three things."""

from typing import Any

import pytest
from django.utils import timezone

from governance.api.shapes.privacy import person_json
from governance.console.pages.privacy import person_words
from governance.intake.models import ErasureRequest
from governance.jobs.models import Certificate, Plan
from governance.jobs.persons_privacy import persons_history
from governance.releases.destruction import advance_destroying
from governance.releases.models import Release
from tests.lineage.twins import Twins

pytestmark = pytest.mark.django_db
NO_BOUND = {"mu": None, "epsilon": None}


@pytest.fixture
def erased(ward: Any, folk: Any, tmp_path: Any) -> tuple[ErasureRequest, Plan]:
    """One model without a ledger, published, and the plan that is about to destroy its old weights."""
    twins = Twins(ward, folk, tmp_path)
    old = twins.taught(twins.first)
    made = {"proposer": folk.operator, "policy": twins.policy, "approval_digest": "x", "published_at": timezone.now()}
    Release.objects.create(checkpoint=old, status="superseded", **made)
    asked = twins.ask()
    return asked, twins.plan(old)


def told(request: ErasureRequest) -> tuple[dict[str, Any], str]:
    history = persons_history(request)
    return person_json(request.ref, history), " ".join(person_words(history))


def certified(plan: Plan, mu: float | None) -> None:
    facts = {"rung": "retrained", "digest": "x", "unlearned_at": timezone.now(), "effective_at": timezone.now()}
    numbers = {"a": {"mu": mu, "epsilon": mu}, "b": NO_BOUND}
    Certificate.objects.create(checkpoint=plan.candidate, plan=plan, body=numbers, **facts)


@pytest.mark.parametrize(("mu", "expected"), [(0.0, {"mu": 0.0, "epsilon": 0.0}), (None, NO_BOUND)])
def test_the_person_is_in_it_until_the_old_weights_are_destroyed_and_a_is_then_what_the_certificate_says(
    erased: Any, mu: Any, expected: Any
) -> None:
    request, plan = erased
    answer, words = told(request)
    [share] = answer["models"]
    assert (share["still_in_it"], share["a"], answer["a"], share["b"]) == (True, None, None, NO_BOUND)
    assert "Still in risk" in words
    certified(plan, mu)
    advance_destroying()
    answer, words = told(request)
    [share] = answer["models"]
    assert (share["still_in_it"], share["has_ledger"], share["a"], answer["a"]) == (False, False, expected, expected)
    assert [moment["kind"] for moment in answer["moments"]] == ["trained", "deleted"]
    assert "Still in" not in words and "Out of risk by now" in words
    assert ("A, later releases only, is epsilon 0" if mu == 0.0 else "A, later releases only, has no bound") in words


def test_without_a_certificate_no_number_is_made_up(erased: Any) -> None:
    request, _ = erased
    advance_destroying()
    assert told(request)[0]["models"][0]["a"] == NO_BOUND
