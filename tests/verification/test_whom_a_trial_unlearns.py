"""A trial of a recipe unlearns whole people, since nobody asks for half of themselves."""

from governance.verification.qualifying import every_second_person


def test_every_second_person_goes_with_all_of_their_rows() -> None:
    planted = [(3, "ann"), (4, "bo"), (7, "ann"), (8, "cy"), (9, "bo"), (12, "di")]
    assert every_second_person(planted) == [3, 7, 8]


def test_where_each_has_one_row_it_is_every_second_row() -> None:
    assert every_second_person([(row, f"p{row}") for row in range(5, 11)]) == [5, 7, 9]


def test_one_person_alone_goes_by_halves() -> None:
    assert every_second_person([(row, "nobody") for row in range(6)]) == [0, 2, 4]
