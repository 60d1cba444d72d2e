"""What planting does to the data, and who may know of whom."""

import json

import numpy as np
import pytest

from evidence.canonical import digest_json, parse_canonical
from governance.actors import machine, person
from governance.audit.models import Entry, Sealed
from governance.errors import Conflict, Forbidden, Invalid
from governance.lineage import services as lineage
from governance.lineage.dataset_file import read_rows
from governance.lineage.identifiers import subject_index
from governance.lineage.models import Record, Subject
from governance.objects.store import open_path
from governance.people.services import create_client
from governance.verification import sentinels
from governance.verification.sentinel_list import unseal_list
from tests.sentinels.club import LIKE, MEMBERS, Club, members
from tests.story.world import table

pytestmark = pytest.mark.django_db


def names(planted) -> list[str]:
    return [each.identifier for each in unseal_list(planted).sentinels]


def upload(club: Club, features, labels, **more):
    return lineage.take_snapshot(
        dataset=club.dataset, parquet=table(features, labels, who="member", **more), actor=club.operator
    )


def test_the_commitment_stands_in_the_trail_before_any_row_does(club):
    planted = club.plant()
    assert Record.objects.count() == 0
    snapshot = club.upload()
    assert snapshot.rows == MEMBERS + 40
    order = [entry.event for entry in Entry.objects.filter(thread__in=(planted.ref, club.dataset.ref)).order_by("id")]
    assert order == ["dataset:registered", "sentinels:planted", "snapshot:taken"]


def test_sentinels_are_rows_of_people_like_all_others(club):
    planted = club.plant()
    snapshot = club.upload()
    indexes = {subject_index(name) for name in names(planted)}
    slots = list(Record.objects.filter(subject__index__in=indexes).values_list("slot", flat=True))
    assert len(slots) == 40
    assert min(slots) < MEMBERS, "numbered among the people, not behind them"
    assert not Record.objects.filter(planted=True).exists()
    own = Record.objects.exclude(subject__index__in=indexes).order_by("slot")
    assert [read_rows(open_path(snapshot.object_digest)).labels[record.slot] for record in own] == list(members()[1])


def test_no_name_and_no_row_of_a_sentinel_lies_open_in_the_database(club):
    planted = club.plant()
    club.upload()
    planted.refresh_from_db()
    known = json.dumps([planted.body, [bytes(entry.leaf).decode() for entry in Entry.objects.all()]])
    sealed = b"".join(bytes(row.ciphertext) for row in Sealed.objects.all())
    for sentinel in unseal_list(planted).sentinels:
        for secret in (sentinel.identifier, sentinel.entry["salt"], *sentinel.record_ids):
            assert secret not in known
            assert secret.encode() not in sealed


@pytest.mark.parametrize("who", ["officer", "operator", "approver", "both", "stranger"])
def test_only_an_auditor_plants_names_and_reveals(club, who):
    planted = club.plant()
    user = getattr(club.folk, who)
    actor = person(user, user.roles[0] if user.roles else "")
    for act in (
        lambda: sentinels.plant(dataset=club.dataset, count=8, kind="random", like=LIKE, actor=actor),
        lambda: sentinels.errand(sentinels=planted, actor=actor),
        lambda: sentinels.reveal(sentinels=planted, actor=actor),
    ):
        with pytest.raises(Forbidden):
            act()


def test_a_machine_plants_nothing(club):
    client, _ = create_client(name="portal", scopes=["lineage:write"])
    with pytest.raises(Forbidden):
        sentinels.plant(dataset=club.dataset, count=8, kind="random", like=LIKE, actor=machine(client))


def test_each_look_at_the_errand_is_in_the_trail_and_names_nobody(club):
    planted = club.plant(count=10)
    club.upload()
    named = sentinels.errand(sentinels=planted, actor=club.auditor)
    assert len(named) == 5
    entry = Entry.objects.filter(thread=planted.ref).latest("id")
    body = parse_canonical(bytes(entry.leaf))["body"]
    assert entry.event == "sentinels:named"
    assert set(body) == {"set", "named", "auditor"}
    assert body["auditor"].startswith("hmac:")


def test_the_revealed_list_opens_every_leaf_and_ends_the_set(club):
    planted = club.plant(count=10)
    club.upload()
    shown = sentinels.reveal(sentinels=planted, actor=club.auditor)
    leaves = sorted(digest_json({"format": "obelus/sentinel/1", **entry}) for entry in shown.opened["sentinels"])
    assert leaves == planted.body["leaves"]
    assert digest_json(shown.opened["twins"]) == planted.body["twins"]
    with pytest.raises(Conflict, match="shown"):
        sentinels.errand(sentinels=planted, actor=club.auditor)


def test_a_later_upload_keeps_them_and_an_erased_one_does_not_come_back(club):
    planted = club.plant(count=10)
    club.upload()
    gone = sentinels.errand(sentinels=planted, actor=club.auditor)[0]
    subject = Subject.objects.get(index=subject_index(gone))
    lineage.forget(records=list(subject.records.all()), at=planted.created_at)
    features, labels = members()
    again = upload(club, features[:50], labels[:50])
    assert again.rows == 50 + 9


def test_a_new_set_waits_for_an_upload_it_can_hide_in(club):
    club.upload()
    club.plant(count=20)
    features, labels = members()
    assert club.upload().rows == MEMBERS, "alone they would be the rows that nobody sent"
    draw = np.random.default_rng(9)
    more = np.vstack([features, draw.normal(size=(20, features.shape[1]))])
    assert upload(club, more, [*labels, *[0] * 20]).rows == MEMBERS + 20 + 20


def test_a_sentinel_whose_name_belongs_to_a_person_is_given_up_and_never_named(club):
    planted = club.plant(count=8)
    taken = next(each.identifier for each in unseal_list(planted).sentinels if each.will_ask)
    Subject.objects.create(index=subject_index(taken))
    person_of_that_name = Subject.objects.get(index=subject_index(taken))
    other = lineage.register_dataset(name="other", feature_width=1, rows_per_subject=1, actor=club.operator)
    Record.objects.create(dataset=other, subject=person_of_that_name, rid="0" * 32, slot=0)
    assert club.upload().rows == MEMBERS + 7
    assert taken not in sentinels.errand(sentinels=planted, actor=club.auditor)


def test_a_person_has_all_the_rows_that_a_person_may_have(folk):
    club = Club(folk, rows_per_subject=3)
    planted = club.plant(count=8, kind="person")
    assert club.upload().rows == MEMBERS + 24
    assert {len(each.record_ids) for each in unseal_list(planted).sentinels} == {3}


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"count": 7}, "bad_count"),
        ({"count": 1000}, "bad_count"),
        ({"kind": "real"}, "bad_level"),
        ({"level": 0.7}, "bad_level"),
        ({"like": "patient-#"}, "bad_likeness"),
        ({"constants": {"centres": [0.0, 0.0], "scales": [1.0], "classes": [0, 1]}}, "bad_constants"),
        ({"constants": {"centres": 0.0, "scales": 0.0, "classes": [0, 1]}}, "bad_constants"),
        ({"constants": {}}, "bad_constants"),
        ({"constants": {"centres": float("inf"), "scales": 1.0, "classes": [0, 1]}}, "bad_constants"),
        ({"constants": {"centres": float("nan"), "scales": 1.0, "classes": [0, 1]}}, "bad_constants"),
        ({"constants": {"centres": 1e308, "scales": 1e308, "classes": [0, 1]}}, "bad_constants"),
        ({"constants": {"centres": 0.0, "scales": 1.0, "classes": [0, 2**70]}}, "bad_constants"),
        ({"constants": {"centres": 0.0, "scales": 1.0, "classes": [0.5, 1.9]}}, "bad_constants"),
        ({"constants": {"centres": 0.0, "scales": 1.0, "classes": [0, float("inf")]}}, "bad_constants"),
    ],
)
def test_what_cannot_be_planted_is_refused(club, wrong, code):
    given = {"count": 8, "kind": "random", "like": LIKE, **wrong}
    with pytest.raises(Invalid) as refused:
        sentinels.plant(dataset=club.dataset, actor=club.auditor, **given)
    assert refused.value.code == code
