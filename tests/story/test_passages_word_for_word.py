"""The gate of copyright, whole: a model that still recites is stopped, and what recites no more goes out."""

from typing import Any

import pytest

from governance.jobs.models import Certificate, Plan
from governance.reports.bundle import bundle
from governance.verification.measurement_words import WORDS
from governance.verification.models import Verdict
from tests.story.search import files_below, tables, traces
from tests.story.works import Anthology, given_back
from tests.story.writers import quickly

pytestmark = [
    *(pytest.mark.django_db, pytest.mark.slow, pytest.mark.timeout(1800)),
    pytest.mark.usefixtures("own_store"),
]
HARDLY: dict[str, Any] = {"method": "npo", "params": {"epochs": 1, "lr": 1e-7, "target": "epochs", "hold": 0}}
THOROUGH: dict[str, Any] = {"method": "npo", "params": {"epochs": 10}}
IN_A_ROW = 50  # tokens of a passage of a hundred or more


def test_a_model_that_recites_is_stopped_and_one_that_recites_no_more_is_released(
    folk: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
):
    quickly(monkeypatch)
    anthology = Anthology(folk)
    ways = {"attacks": ["relearning.retain", "quantised.int4"], "most_new": 140}
    policy = anthology.gate("copyright", [HARDLY, THOROUGH], **ways)
    _, place = anthology.first_release(policy)
    anthology.ask(list(range(anthology.asking)))
    stanzas = len(anthology.asked())

    plan = anthology.plan(policy)
    assert given_back(plan, "scope.verbatim", IN_A_ROW, arm="P") > 0.9 * stanzas, "the old model knows its poems"
    assert given_back(plan, "scope.verbatim", IN_A_ROW) > 0.9 * stanzas
    assert (plan.status, plan.verdicts.get().outcome) == (Plan.Status.STOPPED, Verdict.Outcome.RESIDUAL)
    assert plan.release is None

    # Nothing of fifty or of twenty-five tokens comes word for word, after rounding and more training neither.
    plan = anthology.climbed(plan)
    verdict = plan.verdicts.latest("id")
    assert (plan.status, verdict.outcome) == (Plan.Status.GATE, Verdict.Outcome.PASSED), verdict.body
    assert given_back(plan, "scope.verbatim", IN_A_ROW) == given_back(plan, "scope.verbatim", IN_A_ROW / 2) == 0
    assert given_back(plan, "scope.neighbours", 0.5) > 0.8 * given_back(plan, "scope.neighbours", 0.5, arm="P") > 0
    tried = {each["name"]: each for each in verdict.body["batteries"]}
    assert tried["scope.verbatim"]["budgets"] == [25, 50], "ten in a row, which a few still give, no rule asks about"
    assert verdict.body["records"] == stanzas and "records" not in tried["scope.verbatim"]
    certificate = Certificate.objects.get(checkpoint=plan.candidate)
    [said] = [limit for limit in certificate.body["limits"] if "the gate of copyright" in limit]
    assert certificate.rung == "unlearned_approximately" and WORDS["scope.verbatim"] in said

    plan = anthology.goes_out(plan, place)
    assert plan.status == Plan.Status.CLOSED
    words = anthology.words_of(list(range(anthology.asking)))
    assert traces(words, files_below(settings.OBELUS_VAR), tables()) == []
    stay = anthology.words_of(list(range(anthology.asking, anthology.authors)))
    assert traces(stay | words, iter({"bundle": bundle(plan=plan)}.items())) == []
