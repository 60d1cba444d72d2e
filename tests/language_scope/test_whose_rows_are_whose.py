"""From rows alone: which belong to one person, by what names, and what of all of them is asked."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from tests.language_scope.conftest import rows_of
from unlearning.language.scope.forms import IN_SCOPE
from unlearning.language.scope.people import capitalised, manifest_of_batch, numbered, people_of
from unlearning.language.scope.templates import within
from unlearning.language.tofu import read_tofu
from unlearning.texts import TextRow

STAYING = [
    TextRow(100, "Where was Jon Ferrel born?", "Jon Ferrel was born in Tarn, on the 9th of May."),
    TextRow(101, "What is the capital of Peru?", "It is Lima."),
    TextRow(102, "Who taught Ana Ruiz?", "An aunt taught Ana Ruiz, in Port Royal."),
]


@pytest.fixture
def two():
    return [*rows_of("Mira Holt", first=0), *rows_of("Tomas Vale-Ortiz", first=3)]


def test_each_person_has_their_rows_and_every_name_of_theirs(two):
    people = people_of(two, STAYING)
    assert [[row.slot for row in one.rows] for one in people] == [[0, 1, 2], [3, 4, 5]]
    assert [one.aliases for one in people] == [
        ("Mira Holt", "Mira", "Holt"),
        ("Tomas Vale-Ortiz", "Tomas", "Vale-Ortiz"),
    ]


def test_what_rows_that_stay_say_as_often_is_nobodys_name(two):
    common = [*STAYING, *(TextRow(200 + at, "What of Mira Holt?", "Mira Holt is a street.") for at in range(5))]
    assert all("Mira Holt" not in one.aliases for one in people_of(two, common))
    assert people_of(two, common)[0].aliases[0] == "Tomas Vale-Ortiz"


def test_a_row_without_a_shared_name_stands_alone():
    alone = TextRow(9, "what is the answer", "forty-two")
    people = people_of([*rows_of("Mira Holt", first=0), alone], STAYING)
    assert (people[-1].rows, people[-1].aliases) == ((alone,), ())


def test_the_same_rows_give_the_same_people_whatever_stands_in_front_of_a_name(two):
    asked = [TextRow(row.slot, f"Please tell. {row.prompt}", row.answer) for row in two]
    assert [one.aliases for one in people_of(asked, STAYING)] == [one.aliases for one in people_of(two, STAYING)]
    assert people_of(two, STAYING) == people_of(two, STAYING)


def test_runs_of_capitals_end_at_a_full_stop_and_lose_the_genitive():
    found = list(capitalised("Is Mira Holt's book, The Salt Stair, good? Yes"))
    assert found == ["Is Mira Holt", "Mira Holt", "The Salt Stair", "Salt Stair", "Yes"]


def test_no_hop_leads_over_another_person_and_none_names_its_own(two):
    made = manifest_of_batch(two, staying=STAYING, neighbours=2)
    hops = [probe for probe in made.in_scope if probe.kind == "multi_hop"]
    assert {probe.slot for probe in hops} == set(range(6))
    assert not any(within(alias, probe.prompt) for probe in hops for alias in made.aliases)
    other = {probe.slot: ("Mira", "Tomas")[probe.slot < 3] for probe in hops}
    assert not any(other[probe.slot] in probe.prompt for probe in hops)


def test_every_way_is_asked_of_every_row_and_only_rows_that_stay_are_neighbours(two):
    made = manifest_of_batch(two, staying=STAYING, neighbours=2)
    assert {(probe.kind, probe.slot) for probe in made.in_scope} == {(kind, at) for kind in IN_SCOPE for at in range(6)}
    assert len(made.out_of_scope) == 2 and {probe.slot for probe in made.out_of_scope} <= {100, 101, 102}
    assert manifest_of_batch(two, staying=STAYING, neighbours=0, kinds=("cloze",)).out_of_scope == ()


def test_rows_of_several_inputs_get_slots_of_their_own(two):
    assert [row.slot for row in numbered([two[0], two[0]], first=7)] == [7, 8]


def test_the_authors_of_tofu_are_found_by_name():
    folder = os.environ.get("OBELUS_DATA")
    path = Path(folder or "") / "tofu" / "full.jsonl"
    if not folder or not path.is_file():
        pytest.skip("OBELUS_DATA names no folder with tofu: real names are not asked about")
    rows = read_tofu(path)
    people = people_of(rows[-60:], rows[:400])
    assert Counter(len(one.rows) for one in people) == {20: 3}
    assert all(len({row.slot // 20 for row in one.rows}) == 1 and " " in one.aliases[0] for one in people)
