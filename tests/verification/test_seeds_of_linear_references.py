"""References of linear models have seeds of their own, else one training is counted K times or as its own control."""

from types import SimpleNamespace
from typing import Any

import pytest

from governance.verification import families


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What is submitted instead of being run."""
    jobs: list[dict[str, Any]] = []
    monkeypatch.setattr(families, "submit", lambda **job: jobs.append(job))
    return jobs


def references(monkeypatch: pytest.MonkeyPatch, *, engine: str, params: dict[str, Any], earlier: int = 0) -> None:
    recipe = {"engine": engine, "params": params, "inputs": {}, "manifests": {}}
    monkeypatch.setattr(families.running, "fresh_training", lambda plan: recipe)
    policy = SimpleNamespace(body={"verification": {"references": 3}})
    jobs = SimpleNamespace(filter=lambda **asked: SimpleNamespace(count=lambda: earlier))
    families.one_job_each(SimpleNamespace(policy=policy, jobs=jobs))


def seeds(sent: list[dict[str, Any]]) -> list[int]:
    return [job["params"]["seed"] for job in sent]


@pytest.mark.parametrize("params", [{}, {"seed": 0}])
def test_a_retrained_candidate_shares_no_seed_with_its_references(sent, monkeypatch, params: dict[str, Any]):
    references(monkeypatch, engine="train.plain", params=params)
    assert seeds(sent) == [1, 2, 3]


def test_references_of_a_second_candidate_are_other_trainings(sent, monkeypatch):
    references(monkeypatch, engine="train.plain", params={"seed": 7}, earlier=3)
    assert seeds(sent) == [11, 12, 13]


def test_an_engine_that_draws_from_no_seed_is_given_none(sent, monkeypatch):
    references(monkeypatch, engine="certified.train", params={})
    assert [job["params"] for job in sent] == [{}] * 3
