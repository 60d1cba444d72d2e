"""The authors of the demo, made or read; what is uploaded of them, and what is asked about them."""

import io
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from demo.language import __main__ as telling
from demo.language.people import FEWEST, People, chosen, divided, shortest, subject, upload
from demo.language.rules import HOUSE, TEN, Sizes, battery, policy
from governance.lineage.text_uploads import read_text_upload
from governance.verification.policies import faults
from governance.verification.policy_sense import nonsense
from unlearning.catalog import validate_params
from unlearning.texts import TextRow


@pytest.fixture(scope="module")
def people() -> People:
    return chosen(None, HOUSE)


def plain(slot: int, text: str) -> TextRow:
    return TextRow(slot, f"Question {slot}?", text)


def test_made_authors_are_the_same_every_time_and_nobody_is_on_both_sides(people: People):
    assert people == chosen(None, HOUSE)
    assert (len(people.learned), len(people.never_seen)) == (HOUSE.authors, HOUSE.strangers)
    assert {len(author) for author in people.learned} == {HOUSE.texts}
    assert len({row.prompt for row in people.rows}) == len(people.rows)


def test_an_upload_is_one_that_the_house_takes_and_names_each_author_once(people: People):
    data = upload(people.learned, who="author")
    taken = read_text_upload(data, rows_per_subject=HOUSE.texts)
    assert len(taken) == people.texts
    assert pq.read_table(io.BytesIO(data)).column("subject").to_pylist().count(subject(0)) == HOUSE.texts


def test_the_policy_is_one_that_the_house_fixes(people: People):
    body = policy(people.rows, never_seen=20)
    assert faults(body) == [] and nonsense(body) == []
    validate_params("verify.language", {**battery(people.rows), "references": "fresh"})


def test_what_rows_cannot_answer_is_not_asked():
    asked = battery([plain(0, "Yes.")])
    assert "text.truth_ratio" not in asked["text"] and "uma.text.paraphrase" not in asked["attacks"]


def test_of_each_author_the_shortest_texts_are_taken_in_the_order_of_the_file():
    rows = [plain(0, "long " * 9), plain(1, "short"), plain(2, "longer " * 9), plain(3, "brief")]
    assert [row.slot for row in shortest(rows, 2)] == [1, 3]


def test_where_there_are_few_authors_a_third_is_never_seen_and_too_few_are_refused():
    authors = [(plain(number, "x"),) for number in range(FEWEST)]
    found = divided(authors, TEN, source="it")
    assert (len(found.learned), len(found.never_seen)) == (12, 6)
    with pytest.raises(ValueError, match=f"at least {FEWEST} authors, got 3"):
        divided(authors[:3], TEN, source="it")


def test_rows_in_the_form_of_tofu_are_read_author_by_author(tmp_path: Path):
    entries = [{"question": f"Q{at} of author {at // 20}?", "answer": f"A{at}"} for at in range(20 * FEWEST)]
    file = tmp_path / "rows.jsonl"
    file.write_text("\n".join(map(json.dumps, entries)))
    found = chosen(file, Sizes(authors=12, strangers=6, texts=5))
    assert found.source == "rows.jsonl, given by --data"
    assert {row.prompt.split()[-1] for row in found.learned[1]} == {"1?"}


def test_a_folder_of_tofu_stands_for_the_file_with_everybody(tmp_path: Path):
    entries = [{"question": f"Q{at} of author {at // 20}?", "answer": f"A{at}"} for at in range(20 * FEWEST)]
    (tmp_path / "full.jsonl").write_text("\n".join(map(json.dumps, entries)))
    (tmp_path / "idontknow.jsonl").write_text("I do not know.")
    assert chosen(tmp_path, TEN) == chosen(tmp_path / "full.jsonl", TEN)


def test_a_file_that_is_not_there_is_refused_in_words_that_the_telling_ends_with(tmp_path: Path, monkeypatch, capsys):
    monkeypatch.setattr(telling.house, "own_folder", lambda: tmp_path)
    monkeypatch.setattr("sys.argv", ["demo.language", "--data", str(tmp_path / "missing.jsonl")])
    assert telling.main() == 1
    assert "QUESTIONS_UNREADABLE" in capsys.readouterr().out
