"""A publisher fine-tunes another's base by LoRA; an author leaves; the certificate says what it does not cover."""

from typing import Any

import pytest
from django.conf import settings as house

from evidence.canonical import canonical_bytes
from evidence.trust import parse_trust
from evidence.verify import verify_bytes
from governance.audit import fsck, sequencer
from governance.jobs import plans
from governance.jobs.models import Certificate, Job, Plan
from governance.objects.models import StoredObject
from governance.objects.references import held_for_nothing
from governance.reports.bundle import bundle
from governance.reports.pdf import report_pdf
from governance.reports.trust import trust_document
from tests.story.bases import SOURCE, TunedPress
from tests.story.search import files_below, tables, traces
from tests.story.world import work
from tests.story.writers import NPO, quickly

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_store")]
WHO = 2
TRAINING = ("language.train", "language.references")


@pytest.fixture
def press(folk: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> TunedPress:
    quickly(monkeypatch)
    return TunedPress(folk, tmp_path)


def test_an_author_leaves_an_adapter_on_a_base_and_the_base_stays(press: TunedPress):
    base = press.base()
    policy = press.rules([NPO])
    _, place = press.first_release(policy)
    press.ask([WHO])
    plan = press.plan(policy)
    claimed = Certificate.objects.get(checkpoint=plan.candidate).body
    assert claimed["base"] == {"digest": base.object_digest, "source": SOURCE}
    assert any("not what the base knew before" in limit for limit in claimed["limits"])

    assert plan.status == Plan.Status.STOPPED, plan.status
    plan = plans.climb(plan=plan, actor=press.officer)
    work()
    plan = Plan.objects.get(pk=plan.pk)
    assert plan.status == Plan.Status.GATE, plan.verdicts.latest("id").body
    # Training, retraining and references all start from the one base; unlearning and the attack from what came of it.
    specs = [job.spec for job in Job.objects.filter(engine__in=TRAINING)]
    assert len(specs) == 4
    assert {spec["inputs"]["base"]["digest"] for spec in specs} == {base.object_digest}
    body = Certificate.objects.get(checkpoint=plan.candidate).body
    assert (body["rung"], body["base"]["digest"]) == ("retrained", base.object_digest)
    assert any("not what the base knew before" in limit for limit in body["limits"])

    press.approve(plan.release)
    press.deploy(plan.candidate, place)
    plan = press.destroy(plan)
    assert plan.status == Plan.Status.CLOSED
    assert StoredObject.objects.get(digest=base.object_digest).status == StoredObject.Status.HELD
    assert traces(press.words_of([WHO]), files_below(house.OBELUS_VAR), tables()) == []
    assert held_for_nothing() == []
    sequencer.catch_up()
    assert fsck.faults() == []
    trust = parse_trust(canonical_bytes(trust_document()))
    assert verify_bytes(bundle(plan=plan), trust=trust).differences == []
    assert report_pdf(plan=plan).startswith(b"%PDF")
