"""The mystery shopper's story: planted, half erased through the public door, asked about at every later release."""

from pathlib import Path

import pytest

from evidence.canonical import parse_canonical
from governance.audit.models import Entry, Sealed
from governance.intake.packs import install_packs
from governance.lineage.models import Checkpoint, Record
from governance.objects.models import StoredObject
from governance.objects.store import hold, open_path, parts_of, put_folder
from governance.releases import services as releases
from governance.verification import sentinels
from governance.verification.sentinel_models import SentinelRetest
from tests.sentinels.club import NETWORK, Club, ask_releases
from unlearning.linear import LinearModel, load_model, save_model

pytestmark = pytest.mark.django_db


def outcomes() -> list[str]:
    return list(SentinelRetest.objects.order_by("id").values_list("outcome", flat=True))


def entries(thread: str) -> list[dict]:
    return [parse_canonical(bytes(entry.leaf)) for entry in Entry.objects.filter(thread=thread).order_by("seq")]


def kept_copy(digest: str, folder: Path) -> LinearModel:
    """What somebody who kept a copy of the weights has."""
    folder.mkdir()
    for name, part in parts_of(digest).items():
        (folder / name).write_bytes(open_path(part).read_bytes())
    return load_model(folder)


def bring_back(club: Club, old: LinearModel, folder: Path) -> Checkpoint:
    """A release whose lineage says that it learned from the new data, while its weights know the old."""
    plan = club.model.plans.latest("id")
    checkpoint = club.train(plan.new_snapshot)
    save_model(folder, LinearModel(old.theta * 1.000001, old.preparation))
    digest = put_folder(folder, owner="test")
    hold(digest)
    Checkpoint.objects.filter(pk=checkpoint.pk).update(object_digest=digest)
    return Checkpoint.objects.get(pk=checkpoint.pk)


def test_half_are_erased_as_people_are_and_a_later_release_that_knows_them_again_raises_an_alarm(club, tmp_path):
    # Enough of them, at a level strict enough, for coins to spoil this about once in five thousand runs.
    planted = club.plant(count=60, level=0.002)
    first = club.train(club.upload())
    knowing = kept_copy(first.object_digest, tmp_path / "kept")
    club.release(first)
    ask_releases()
    assert outcomes() == ["baseline"]

    asking = sentinels.errand(sentinels=planted, actor=club.auditor)
    assert len(asking) == 30
    club.ask_as_people_do(asking)
    plan = club.carry_out()
    assert plan.status == "closed"
    assert Record.objects.exclude(erased_at=None).count() == 30
    assert sentinels.errand(sentinels=planted, actor=club.auditor) == [], "nobody is sent to ask twice"
    ask_releases()
    assert outcomes() == ["baseline", "clean"]
    clean = SentinelRetest.objects.latest("id").body
    assert clean["rungs"][0]["erased"]["trials"] == clean["rungs"][0]["kept"]["trials"] == 30
    assert clean["rungs"][0]["kept"]["successes"] == 30
    assert clean["rungs"][0]["never_planted"]["trials"] == 120

    back = bring_back(club, knowing, tmp_path / "back")
    release = releases.propose(checkpoint=back, policy=club.policy, actor=club.operator)
    ask_releases()
    assert outcomes() == ["baseline", "clean", "resurrected"]
    told = entries(planted.ref)
    assert [entry["event"] for entry in told] == [
        *("sentinels:planted", "sentinels:tested", "sentinels:named", "sentinels:named", "sentinels:tested"),
        *("sentinels:tested", "sentinels:alarm"),
    ]
    assert told[-1]["body"]["weights"] == back.object_digest
    assert entries(release.ref)[-1]["event"] == "sentinels:alarm"
    assert not Sealed.objects.filter(name__startswith="layout/").exists()
    used = SentinelRetest.objects.values_list("rows", flat=True)
    assert set(StoredObject.objects.filter(digest__in=used).values_list("status", flat=True)) == {"destroyed"}


def test_weights_that_never_let_go_are_an_alarm_at_their_first_test(club):
    planted = club.plant(kind="mislabelled")
    first = club.train(club.upload())
    club.ask_as_people_do(sentinels.errand(sentinels=planted, actor=club.auditor))
    plan = club.at_the_gate()
    # Somebody put the old weights in the candidate's place.
    Checkpoint.objects.filter(pk=plan.candidate.pk).update(object_digest=first.object_digest)
    ask_releases()
    retest = SentinelRetest.objects.get(checkpoint=plan.candidate)
    assert retest.outcome == "residual"
    assert "they are still in it" in retest.body["words"]
    assert entries(plan.ref)[-1]["event"] == "sentinels:alarm"


def test_a_model_that_remembers_nobody_is_called_blind_and_never_clean(club):
    club.model.problem = {**club.model.problem, "lam": 100.0}
    club.model.save()
    planted = club.plant(count=12, level=0.001)
    club.release(club.train(club.upload()))
    ask_releases()
    club.ask_as_people_do(sentinels.errand(sentinels=planted, actor=club.auditor))
    club.carry_out()
    ask_releases()
    assert outcomes() == ["baseline", "blind"]
    assert "could not be seen" in SentinelRetest.objects.latest("id").body["words"]


def test_a_network_is_asked_by_the_attack_on_networks(folk):
    install_packs()
    club = Club(folk, engine="classifier.train", problem=NETWORK)
    club.plant(count=32)
    club.release(club.train(club.upload()))
    ask_releases()
    [retest] = SentinelRetest.objects.all()
    assert (retest.outcome, retest.job.engine) == ("baseline", "verify.network")
    assert retest.body["rungs"][0]["kept"]["successes"] == 32
    assert retest.body["rungs"][0]["p_kept"] < 0.01
