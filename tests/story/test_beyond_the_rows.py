"""A policy that names a gate: a batch is asked beyond its rows, what stays beside it too, and the papers say so."""

from typing import Any

import pytest

from evidence.canonical import canonical_bytes
from evidence.trust import parse_trust
from evidence.verify import verify_bytes
from governance.audit.sealing import unseal
from governance.jobs import plans
from governance.jobs.models import Certificate, Plan
from governance.reports.bundle import bundle
from governance.reports.trust import trust_document
from governance.verification.families import judged_by_language
from governance.verification.measurement_words import WORDS
from governance.verification.models import Verdict
from governance.verification.reading import batteries_of
from governance.verification.verdict import Finding, Utility, judge
from tests.story.search import files_below, tables, traces
from tests.story.world import work
from tests.story.writers import BATTERY, Press, quickly

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.usefixtures("own_store")]
ASKED = range(8)
WAYS = ("scope.paraphrase", "scope.cloze", "scope.jailbreak", "scope.multi_hop")
HARDLY: dict[str, Any] = {"method": "npo", "params": {"epochs": 1, "lr": 1e-7, "target": "epochs", "hold": 0}}
THOROUGH: dict[str, Any] = {"method": "npo", "params": {"epochs": 30}}
# So wide a margin that thirty-two rows can show something; nothing else of the judge is loosened.
RULES: dict[str, Any] = {"margin": 0.4, "references": 3, "never_seen": 48, "utility_floor": 0.5}


class Publisher(Press):
    """Enough authors that those who stay can show whether anything of them is lost."""

    authors, unseen = 15, 12
    problem = {**Press.problem, "epochs": 60}


@pytest.fixture
def publisher(folk: Any, monkeypatch: pytest.MonkeyPatch) -> Publisher:
    quickly(monkeypatch)
    return Publisher(folk)


def scope_of(plan: Plan) -> list[dict[str, Any]]:
    """The sealed lines of the newest attack that look beyond the rows."""
    job = plan.jobs.filter(engine="verify.language").latest("id")
    lines = unseal(plan.ref, f"measurements/{job.ref}")["measurements"]
    return [line for line in lines if line["name"].startswith("scope.")]


def of_scope_alone(plan: Plan) -> Finding:
    """What the verdict would be if nothing but the scope had been asked."""
    rules = judged_by_language(plan.policy.body["verification"])
    names = [rule["battery"] for rule in rules["facets"]]
    rules |= {"probes": names, "membership": [], "required": ["scope.neighbours"]}
    everybody = Utility(successes=100, trials=100)
    return judge(batteries_of(scope_of(plan), canaries=False), everybody, rules)


def test_a_batch_is_asked_beyond_its_rows_and_what_stays_beside_it_is_asked_too(publisher: Publisher, settings: Any):
    policy = publisher.rules([HARDLY, THOROUGH], language={**BATTERY, "scope": "privacy"}, **RULES)
    _, place = publisher.first_release(policy)
    publisher.ask(list(ASKED))

    # A method that hardly does anything: the model still answers when it is asked otherwise, and loses nothing else.
    plan = publisher.plan(policy)
    assert plan.jobs.get(engine="verify.language").spec["params"]["scope"] == "privacy"
    assert {line["name"] for line in scope_of(plan)} == {*WAYS, "scope.neighbours"}
    assert plan.status == Plan.Status.STOPPED and plan.verdicts.get().outcome == Verdict.Outcome.RESIDUAL
    assert of_scope_alone(plan).outcome == "failed_residual"

    plans.climb(plan=plan, actor=publisher.officer)
    work()
    plan = Plan.objects.get(pk=plan.pk)
    verdict = plan.verdicts.latest("id")
    assert verdict.outcome == Verdict.Outcome.PASSED, verdict.body
    assert of_scope_alone(plan).outcome == "passed", of_scope_alone(plan).reasons
    tried = {each["name"]: each for each in verdict.body["batteries"]}
    assert {*WAYS, "scope.neighbours"} <= tried.keys()
    assert verdict.body["records"] == len(ASKED) * publisher.questions and "records" not in tried["scope.cloze"]
    assert verdict.body["utility"]["on"] == "people who stay"

    # The certificate says which probes were asked, in words; the policy's own rule stands in it as it is.
    body = Certificate.objects.get(checkpoint=plan.candidate).body
    assert body["battery"]["language"]["scope"] == "privacy"
    [said] = [limit for limit in body["limits"] if "the gate of privacy" in limit]
    assert all(WORDS[name] in said for name in (*WAYS, "scope.neighbours"))

    publisher.approve(plan.release)
    publisher.deploy(plan.candidate, place)
    plan = publisher.destroy(plan)
    assert plan.status == Plan.Status.CLOSED
    words = publisher.words_of(list(ASKED))
    assert traces(words, files_below(settings.OBELUS_VAR), tables()) == []
    assert verify_bytes(bundle(plan=plan), trust=parse_trust(canonical_bytes(trust_document()))).differences == []
    stay = publisher.words_of([n for n in range(publisher.authors) if n not in ASKED])
    assert traces(stay | words, iter({"bundle": bundle(plan=plan)}.items())) == [], "no probe is in any paper"
