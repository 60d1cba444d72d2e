"""The text object: what goes in comes out, and no refusal quotes a text."""

import pytest

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
