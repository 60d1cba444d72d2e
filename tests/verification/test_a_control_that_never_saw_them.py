"""A trial may also attack a model that was retrained without the planted rows: tests that fail it tell nothing."""

from types import SimpleNamespace
from typing import Any

import pytest

from governance.errors import Invalid
from governance.verification import qualification_results as results
from governance.verification import qualification_words as words
from governance.verification.models import Qualification
from governance.verification.qualifying import require_control

OUTCOMES = [str(outcome) for outcome in Qualification.Outcome]


@pytest.fixture
def concluded(monkeypatch: pytest.MonkeyPatch) -> Any:
    """(outcome, body) of a trial whose verdicts on recipe and control are these."""
    monkeypatch.setattr(results, "judged", lambda run, job: (job.found, [f"said of {job.ref}"], {"of": job.ref}))
    monkeypatch.setattr(results, "write_down", lambda run, outcome, found: (outcome, found))

    def conclude(recipe: str, control: str | None) -> Any:
        beside = SimpleNamespace(ref="job_b", found=control) if control else None
        return results.conclude(None, SimpleNamespace(ref="job_a", found=recipe), control=beside)  # type: ignore[arg-type]

    return conclude


@pytest.mark.parametrize("recipe", OUTCOMES)
def test_without_a_control_or_with_one_that_does_not_fail_the_recipe_is_what_it_is(concluded: Any, recipe: str) -> None:
    assert concluded(recipe, None) == (recipe, {"reasons": ["said of job_a"], "verdict": {"of": "job_a"}})
    for control in ("passed", "inconclusive"):
        outcome, body = concluded(recipe, control)
        assert (outcome, body["reasons"]) == (recipe, ["said of job_a"])
        assert body["control"] == {"outcome": control, "reasons": ["said of job_b"], "job": "job_b"}


@pytest.mark.parametrize("recipe", OUTCOMES)
def test_where_the_control_fails_the_trial_can_tell_nothing(concluded: Any, recipe: str) -> None:
    outcome, body = concluded(recipe, "failed")
    assert outcome == "inconclusive" and body["reasons"][0] == results.CONTROL_FAILED
    assert body["control"]["outcome"] == "failed" and body["verdict"] == {"of": "job_a"}


@pytest.mark.parametrize("control", OUTCOMES)
def test_it_is_reported_beside_in_words_and_so_is_that_there_was_none(control: str) -> None:
    asked = SimpleNamespace(body={"control": "retrained"})
    found = SimpleNamespace(body={"control": {"outcome": control}})
    assert words.control_words(asked, found) == words.CONTROLS[control]  # type: ignore[arg-type]
    assert words.control_words(asked, None) == words.CONTROL_UNDER_WAY  # type: ignore[arg-type]
    ended_early = SimpleNamespace(body={"reasons": ["a job ended"]})
    assert words.control_words(asked, ended_early) == "It was not attacked."  # type: ignore[arg-type]
    assert words.control_words(SimpleNamespace(body={}), found) == words.NO_CONTROL  # type: ignore[arg-type]


def test_another_control_is_refused() -> None:
    require_control(None)
    require_control("retrained")
    with pytest.raises(Invalid, match="retrained"):
        require_control("finetuned")
