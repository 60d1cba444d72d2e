"""Trying a recipe over HTTP: who may begin it, what everybody reads, and what is refused."""

import json

import pytest

from governance.lineage.models import TrainedModel
from governance.verification.models import Qualification, QualificationRun
from tests.story.networks import PROBLEM, STRONG, NoisyClinic

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(folk):
    clinic = NoisyClinic(folk)
    rows, unseen = clinic.public()
    policy = clinic.qualifying(STRONG)
    return {"policy": policy.ref, "snapshot": rows.ref, "holdout": unseen.ref, "problem": PROBLEM}


def begin(client, body):
    return client.post("/api/v1/qualifications", json.dumps(body), content_type="application/json")


def test_an_officer_begins_one_and_everybody_at_work_reads_what_came_of_it(as_, asked):
    made = begin(as_("officer"), {**asked, "control": "retrained"})
    assert made.status_code == 201, made.content
    run = QualificationRun.objects.get()
    assert run.body["control"] == "retrained"
    assert made["Location"] == f"/api/v1/qualifications/{run.ref}"
    Qualification.make(run=run, outcome="inconclusive", body={"reasons": ["Too few."]}, digest="sha256:1")
    for who in ("officer", "operator", "approver", "auditor"):
        seen = as_(who).get(made["Location"]).json()
        assert (seen["body"]["recipe"]["method"], seen["qualification"]["outcome"]) == ("l1_sparse", "inconclusive")
        assert [item["ref"] for item in as_(who).get("/api/v1/qualifications").json()["items"]] == [run.ref]


@pytest.mark.parametrize("who", ["approver", "auditor", "stranger"])
def test_nobody_else_begins_one(as_, asked, who):
    assert begin(as_(who), asked).status_code == 403
    assert not QualificationRun.objects.exists()


def test_what_does_not_fit_is_refused_with_its_reason(as_, asked):
    for change, code in (
        ({"snapshot": asked["holdout"]}, "bad_holdout"),
        ({"problem": {"family": "mlp"}}, "bad_parameters"),
        ({"policy": "pol_" + "0" * 32}, "not_found"),
    ):
        answer = begin(as_("operator"), {**asked, **change})
        assert answer.json()["code"] == code, answer.content
    assert begin(as_("operator"), {**asked, "rows": 3}).status_code == 422
    assert begin(as_("operator"), {**asked, "control": "finetuned"}).status_code == 422
    assert not QualificationRun.objects.exists()


def test_a_model_lends_its_problem_and_what_it_is_given_beside_rows(as_, folk, asked):
    model = TrainedModel.objects.get()
    body = {name: value for name, value in asked.items() if name != "problem"} | {"model": model.ref}
    assert begin(as_("officer"), {**body, "problem": PROBLEM}).status_code == 422
    assert begin(as_("officer"), {name: body[name] for name in body if name != "model"}).status_code == 422
    made = begin(as_("officer"), body)
    assert made.status_code == 201, made.content
    assert QualificationRun.objects.get().body["problem"] == model.problem
