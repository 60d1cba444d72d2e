"""The text object: what goes in comes out, and no refusal quotes a text."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unlearning.runner.refusals import Refused
from unlearning.texts import TextRow, count_texts, read_texts, write_texts

ROWS = [
    TextRow(5, "Who is Ana Secret?", "A baker", "Ana Secret, who is that?", "She bakes", ("A judge", "A miller")),
    TextRow(2, "Где?", "Там", None, None, ()),
]


def test_texts_come_back_in_the_order_asked_for(tmp_path):
    write_texts(tmp_path / "t", ROWS)
    assert read_texts(tmp_path / "t", [1, 0]) == [ROWS[1], ROWS[0]]
    assert count_texts(tmp_path / "t") == 2


@pytest.mark.parametrize(("asked", "code"), [([], "NO_ROWS"), ([2], "ROW_OUT_OF_RANGE"), ([-1], "ROW_OUT_OF_RANGE")])
def test_indexes_that_do_not_exist_are_refused(tmp_path, asked, code):
    write_texts(tmp_path / "t", ROWS)
    with pytest.raises(Refused) as refused:
        read_texts(tmp_path / "t", asked)
    assert refused.value.code == code
    assert "Secret" not in str(refused.value)


WORDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20).filter(str.strip)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(WORDS, WORDS, st.none() | WORDS, st.none() | WORDS, st.lists(WORDS, max_size=3)), min_size=1))
def test_any_words_come_back_as_they_were_and_equal_rows_give_equal_bytes(tmp_path_factory, entries):
    rows = [TextRow(3 * at, *texts, tuple(wrong)) for at, (*texts, wrong) in enumerate(entries)]
    place = tmp_path_factory.mktemp("texts")
    write_texts(place / "a", rows)
    assert read_texts(place / "a", range(len(rows))) == rows
    write_texts(place / "b", read_texts(place / "a", range(len(rows))))
    assert (place / "a").read_bytes() == (place / "b").read_bytes()


def test_the_file_keeps_no_statistics_and_no_dictionary_of_what_people_said(tmp_path):
    write_texts(tmp_path / "t", ROWS)
    group = pq.ParquetFile(tmp_path / "t").metadata.row_group(0)
    columns = [group.column(at) for at in range(group.num_columns)]
    assert all(column.statistics is None and not column.has_dictionary_page for column in columns)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([TextRow(1, "Secret", "a"), TextRow(1, "b", "c")], "SLOT_REPEATED"),
        ([TextRow(1, "Secret", "  ")], "TEXT_EMPTY"),
        ([TextRow(1, "Secret", "a", "")], "TEXT_EMPTY"),
        ([TextRow(1, "Secret", "a", wrong=("",))], "TEXT_EMPTY"),
        ([TextRow(1, "Secret", None)], "TEXT_MISSING"),
        ([TextRow(1, "Secret \ud83d", "a")], "TEXT_NOT_UNICODE"),
    ],
)
def test_rows_that_are_no_questions_with_answers_are_not_written(tmp_path, rows, code):
    with pytest.raises(Refused) as refused:
        write_texts(tmp_path / "t", rows)
    assert refused.value.code == code
    assert "Secret" not in str(refused.value)
    assert not (tmp_path / "t").exists()


def column(kind, *values):
    return pa.array(values, kind)


SOUND = {
    "slot": column(pa.int64(), 1, 2),
    "prompt": column(pa.string(), "Secret", "b"),
    "answer": column(pa.string(), "a", "b"),
    "paraphrase": column(pa.string(), None, None),
    "restated": column(pa.string(), None, None),
    "wrong": column(pa.list_(pa.string()), [], ["c"]),
}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"slot": column(pa.int32(), 1, 2)}, "TEXTS_UNREADABLE"),
        ({"slot": column(pa.int64(), 1, None)}, "TEXTS_UNREADABLE"),
        ({"slot": column(pa.int64(), 1, 1)}, "SLOT_REPEATED"),
        ({"more": column(pa.int64(), 1, 1)}, "TEXTS_UNREADABLE"),
        ({"wrong": column(pa.string(), "a", "b")}, "TEXTS_UNREADABLE"),
        ({"wrong": column(pa.list_(pa.string()), ["a"], None)}, "TEXT_MISSING"),
        ({"wrong": column(pa.list_(pa.string()), ["a"], [None])}, "TEXT_MISSING"),
        ({"answer": column(pa.string(), "a", None)}, "TEXT_MISSING"),
        ({"answer": column(pa.string(), "a", " ")}, "TEXT_EMPTY"),
        ({"prompt": column(pa.binary(), b"a", b"\xff\xfe").view(pa.string())}, "TEXTS_UNREADABLE"),
    ],
)
def test_a_file_of_another_make_is_refused_without_a_word_of_it(tmp_path, change, code):
    pq.write_table(pa.table({**SOUND, **change}), tmp_path / "t")
    with pytest.raises(Refused) as refused:
        read_texts(tmp_path / "t", [0, 1])
    assert refused.value.code == code
    assert "Secret" not in str(refused.value)


def test_what_is_no_parquet_is_refused(tmp_path):
    (tmp_path / "t").write_text("Secret")
    for path in (tmp_path / "t", tmp_path / "absent"):
        with pytest.raises(Refused, match="TEXTS_UNREADABLE"):
            count_texts(path)


def test_a_fault_in_a_row_that_nobody_asked_for_stops_nothing(tmp_path):
    pq.write_table(pa.table({**SOUND, "answer": column(pa.string(), "a", None)}), tmp_path / "t")
    assert read_texts(tmp_path / "t", [0]) == [TextRow(1, "Secret", "a")]
