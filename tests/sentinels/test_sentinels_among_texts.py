"""Made authors among real ones: one pool, planted by lot, and committed to before any text of theirs is there."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from evidence.canonical import digest_json
from governance.audit.models import Entry
from governance.errors import Invalid
from governance.lineage.identifiers import subject_index
from governance.lineage.models import Record
from governance.lineage.text_file import read_texts
from governance.objects.models import StoredObject
from governance.objects.store import open_path
from governance.verification import sentinels
from governance.verification.sentinel_list import unseal_list
from governance.verification.sentinel_models import SentinelRetest
from tests.sentinels.club import ask_releases
from tests.sentinels.press import LIKE, PlantedPress
from tests.story.writers import QUESTIONS
from unlearning.catalog import MOST_MADE_TEXTS, made_people
from unlearning.language.author_words import KINDS
from unlearning.language.authors import made_authors

pytestmark = pytest.mark.django_db


@pytest.fixture
def press(folk: Any) -> PlantedPress:
    return PlantedPress(folk, authors=8)


def test_made_people_are_the_authors_that_the_engines_know_and_as_many_texts_as_there_are_questions():
    [[first], _] = made_people(people=2, texts=1, seed=7)
    row = made_authors(authors=2, questions=1, seed=7)[0].rows[0]
    assert first == {name: getattr(row, name) for name in ("prompt", "answer", "paraphrase", "restated", "wrong")}
    assert len(KINDS) == MOST_MADE_TEXTS
    with pytest.raises(ValueError, match="fewer"):
        made_people(people=1, texts=MOST_MADE_TEXTS + 1, seed=0)


def test_they_join_the_next_upload_as_people_and_their_twins_stay_out(press: PlantedPress):
    planted = press.plant()
    snapshot = press.upload()
    assert snapshot.rows == (8 + 8) * QUESTIONS
    assert not Record.objects.filter(planted=True).exists()
    found = unseal_list(planted)
    stored = {row.prompt for row in read_texts(open_path(snapshot.object_digest)).rows}
    inside = {row["prompt"] for each in found.sentinels for row in each.drawn["rows"]}
    outside = {row["prompt"] for each in found.never_planted for row in each["rows"]}
    assert inside <= stored and not outside & stored
    assert len(found.never_planted) == 16 and sum(each.will_ask for each in found.sentinels) == 4
    indexes = {subject_index(each.identifier) for each in found.sentinels}
    theirs = Record.objects.filter(subject__index__in=indexes).values_list("slot", flat=True)
    assert min(theirs) < 8 * QUESTIONS, "numbered among the people, not behind them"


def test_lots_and_not_the_generators_order_say_who_is_planted(press: PlantedPress, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sentinels.secrets, "randbits", lambda bits: 5)
    pool = made_people(people=24, texts=QUESTIONS, seed=5)
    order = [texts[0]["prompt"] for texts in pool]
    picked = []
    for _ in range(2):
        names = {each.drawn["rows"][0]["prompt"] for each in unseal_list(press.plant()).sentinels}
        assert names <= set(order)
        picked.append(frozenset(names))
    assert len({*picked, frozenset(order[:8])}) == 3, "one seed, three choices of eight"


def test_no_word_of_theirs_lies_open_and_the_shown_list_opens_every_leaf(press: PlantedPress):
    planted = press.plant()
    press.upload()
    known = json.dumps([planted.body, [bytes(entry.leaf).decode() for entry in Entry.objects.all()]])
    entries = [each.entry for each in unseal_list(planted).sentinels]
    assert not any(row[part] in known for entry in entries for row in entry["rows"] for part in ("prompt", "answer"))
    shown = sentinels.reveal(sentinels=planted, actor=press.auditor)
    leaves = sorted(digest_json({"format": "obelus/sentinel/1", **entry}) for entry in shown.opened["sentinels"])
    assert leaves == planted.body["leaves"]
    assert digest_json(shown.opened["twins"]) == planted.body["twins"]
    assert planted.body["battery"] == {"text": ["text.extraction", "text.probability"], "membership": ["loss"]}


def test_they_have_no_part_that_nobody_else_has(press: PlantedPress):
    press.made = [
        type(author)(author.name, tuple(type(row)(row.slot, row.prompt, row.answer) for row in author.rows))
        for author in press.made
    ]
    press.plant()
    rows = read_texts(open_path(press.upload().object_digest)).rows
    assert {(row.paraphrase, row.restated, row.wrong) for row in rows} == {(None, None, ())}


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"kind": "random"}, "kind_not_drawn"),
        ({"kind": "mislabelled"}, "kind_not_drawn"),
        ({"constants": {"classes": [0, 1]}}, "bad_constants"),
        ({"count": 7}, "bad_count"),
    ],
)
def test_what_cannot_be_planted_among_texts_is_refused(press: PlantedPress, wrong: dict[str, Any], code: str):
    given = {"count": 8, "kind": "person", "like": LIKE, **wrong}
    with pytest.raises(Invalid) as refused:
        sentinels.plant(dataset=press.home, actor=press.auditor, **given)
    assert refused.value.code == code


def test_a_language_model_is_asked_by_the_attack_on_texts_and_half_of_the_twins_set_the_threshold(
    press: PlantedPress, client: Client
):
    press.plant()
    press.upload()
    press.first_release(press.rules(None))
    ask_releases()
    [found] = SentinelRetest.objects.all()
    assert (found.outcome, found.job.engine) == ("baseline", "verify.language"), found.body
    spec = found.job.spec
    assert spec["params"]["text"] == ["text.extraction", "text.probability"] and "attacks" not in spec["params"]
    rows = {name: set(inputs["rows"]) for name, inputs in spec["manifests"].items()}
    assert rows["canaries"].isdisjoint(rows["holdout"])
    assert [len(rows[name]) for name in ("canaries", "holdout", "retain")] == [16 * QUESTIONS, 8 * QUESTIONS, 1]
    first = found.body["rungs"][0]
    assert (first["battery"], first["budget"]) == ("membership.loss.near", 0.1)
    assert (first["kept"]["trials"], first["never_planted"]["trials"]) == (8, 8)
    assert first["kept"]["successes"] >= 6 and first["p_kept"] < 0.05, found.body
    assert StoredObject.objects.get(digest=found.rows).status == StoredObject.Status.DESTROYED
    client.force_login(press.folk.auditor)
    page = client.get(reverse("console:sentinel_set", args=[found.sentinels.ref])).content.decode()
    assert "Sentinels taken for members by their loss without any change" in page
