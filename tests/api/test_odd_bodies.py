"""Whatever JSON is sent, wherever: an answer below 500, and a problem when it is an error."""

from datetime import timedelta

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance.api import inputs, lineage_inputs, request_inputs
from governance.people.models import Role
from governance.people.services import create_person

pytestmark = pytest.mark.django_db
NOWHERE = "0" * 32
ROUTES = {
    "/api/v1/jobs": inputs.NewJob,
    "/api/v1/plans": inputs.NewPlan,
    "/api/v1/policies": inputs.NewPolicy,
    "/api/v1/releases": inputs.NewRelease,
    f"/api/v1/releases/rel_{NOWHERE}/withdraw": inputs.Withdrawal,
    f"/api/v1/jobs/job_{NOWHERE}/cancel": inputs.Empty,
    "/api/v1/datasets": lineage_inputs.NewDataset,
    "/api/v1/models": lineage_inputs.NewModel,
    f"/api/v1/models/mdl_{NOWHERE}/training-runs": lineage_inputs.NewTraining,
    "/api/v1/checkpoints": lineage_inputs.NewCheckpoint,
    "/api/v1/deployments": lineage_inputs.NewDeployment,
    "/api/v1/erasure-requests": request_inputs.NewRequest,
}
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3))
# What comes close to a good value gets further in than noise does.
NEAR = st.sampled_from(
    ["noop", "recipe", "gdpr", "obelus/policy/1", 1, 0, -1, 2**31, 1e308, [], {}, "", "\x00", "é" * 121]
)
REFS = st.sampled_from(["ds", "mdl", "ckpt", "pol", "snap"]).map(lambda prefix: f"{prefix}_{NOWHERE}")


@pytest.fixture
def everybody(db):
    person, _ = create_person(username="polly", roles=list(Role.values))
    client = Client(raise_request_exception=True)
    client.force_login(person)
    return client


@pytest.mark.parametrize("path", ROUTES)
def test_an_odd_body_is_a_problem_and_never_an_accident(everybody, path):
    fields = sorted(ROUTES[path]().fields) or ["nothing"]
    bodies = st.dictionaries(st.sampled_from(fields), NEAR | REFS | JSON) | JSON

    @settings(
        max_examples=25,
        deadline=timedelta(seconds=5),
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(body=bodies)
    def every(body: object) -> None:
        headers = {"Idempotency-Key": "k"}
        answer = everybody.post(path, body, content_type="application/json", headers=headers)
        assert answer.status_code < 500, (body, answer.content)
        if answer.status_code >= 400:
            assert answer["Content-Type"] == "application/problem+json"
            assert set(answer.json()) >= {"type", "title", "status", "detail", "code", "remedy"}

    every()
