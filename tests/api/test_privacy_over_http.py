"""The privacy ledger over HTTP: what is spent, what a release will cost, and what a person was charged."""

import pytest

from governance.intake import services as intake
from governance.intake.packs import install_packs
from governance.lineage import services as lineage
from governance.lineage.models import Checkpoint
from tests.story.world import DELTA, Clinic, patient, problem
from unlearning.accounting.gdp import mu_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic(folk) -> Clinic:
    install_packs()
    return Clinic(folk)


def trained_under(clinic: Clinic, *, epsilon: float) -> Checkpoint:
    clinic.model = lineage.register_model(
        name="capped", dataset=clinic.snapshot.dataset, engine="certified.train", problem=problem(),
        cap_mu=mu_for(epsilon=epsilon, delta=DELTA), cap_delta=DELTA, actor=clinic.operator,
    )  # fmt: skip
    return clinic.train(clinic.model, clinic.snapshot)


def propose(as_, clinic: Clinic, checkpoint: Checkpoint):
    body = {"checkpoint": checkpoint.ref, "policy": clinic.policy().ref}
    return as_("operator").post("/api/v1/releases", body, content_type="application/json")


def test_a_proposed_release_says_what_it_costs_before_anybody_approves_it(as_, clinic):
    answer = propose(as_, clinic, trained_under(clinic, epsilon=3.0))
    assert answer.status_code == 201, answer.content
    cost = answer.json()["cost"]
    assert cost["b_now"] == {"mu": 0.0, "epsilon": 0.0}
    assert cost["b_after"]["epsilon"] == pytest.approx(1.0, rel=0.01)
    assert cost["cap"]["epsilon"] == pytest.approx(3.0)
    assert cost["epsilon_left"] == pytest.approx(3.0 - cost["b_after"]["epsilon"])
    assert (cost["epsilon_over"], cost["cap_fixed"]) == (0.0, True)
    assert as_("approver").get(answer["Location"]).json()["cost"] == cost


def test_above_the_cap_the_answer_says_by_how_much(as_, clinic):
    answer = propose(as_, clinic, trained_under(clinic, epsilon=0.6))
    assert (answer.status_code, answer.json()["code"]) == (409, "gate_shut")
    assert "0.4" in answer.json()["detail"] and "above the cap of 0.6" in answer.json()["detail"]


def test_a_models_numbers_are_read_moment_by_moment(as_, clinic):
    clinic.release(clinic.train(clinic.model, clinic.snapshot), clinic.policy())
    found = as_("auditor").get(f"/api/v1/models/{clinic.model.ref}/privacy").json()
    assert [moment["kind"] for moment in found["moments"]] == ["trained", "released"]
    assert [moment["b"]["mu"] > 0 for moment in found["moments"]] == [False, True]
    assert all(moment["at"] for moment in found["moments"])
    assert found["cap"]["epsilon"] == pytest.approx(8.0)


def test_a_person_is_looked_up_only_after_the_scope_is_confirmed(as_, clinic, machine):
    clinic.release(clinic.train(clinic.model, clinic.snapshot), clinic.policy())
    request = intake.receive(subject_identifier=patient(7), law="gdpr", actor=clinic.officer)
    where = f"/api/v1/erasure-requests/{request.ref}/privacy"
    assert as_("officer").get(where).json()["code"] == "scope_not_confirmed"
    intake.prove_identity(request=request, method="in_person", actor=clinic.officer)
    intake.confirm_scope(request=request, actor=clinic.officer)
    found = as_("officer").get(where).json()
    assert (found["a"], found["b"]["epsilon"]) == (None, pytest.approx(1.0, rel=0.01))
    assert [(line["model"], line["still_in_it"]) for line in found["models"]] == [(clinic.model.ref, True)]
    assert as_("approver").get(where).status_code == 403
    assert machine("requests:read").get(where).status_code == 404, "a machine sees its own requests only"


def test_a_model_without_a_ledger_makes_a_persons_number_infinite(as_, clinic):
    checkpoint = clinic.train(clinic.model, clinic.snapshot)
    Checkpoint.objects.filter(pk=checkpoint.pk).update(ledger=None)
    (request,) = clinic.ask([8])
    found = as_("auditor").get(f"/api/v1/erasure-requests/{request.ref}/privacy").json()
    assert found["b"] == {"mu": None, "epsilon": None}
    assert found["models"][0]["has_ledger"] is False
    assert as_("auditor").get(f"/api/v1/models/{clinic.model.ref}/privacy").json()["has_ledger"] is False
