"""The page about attacks says of each budget whether it tells anything, from the bits and nothing else."""

from benchmarks.language_attack_words import page, together, told
from benchmarks.language_attack_world import OTHER_STRANGERS, STRANGERS, UNTOUCHED


def bits(*, known: int, strangers: int = 0, others: int = 0) -> dict[str, list[int]]:
    """So many of eight rows."""
    counts = {UNTOUCHED: known, STRANGERS: strangers, OTHER_STRANGERS: others}
    return {who: [1] * ones + [0] * (8 - ones) for who, ones in counts.items()}


def test_a_budget_says_something_where_all_known_rows_come_and_no_stranger() -> None:
    assert told(bits(known=8)) == "informative (1.00; 0.00, 0.00)"


def test_one_known_row_that_stays_away_or_one_stranger_that_comes_makes_a_budget_of_eight_rows_uninformative() -> None:
    for found in (bits(known=7), bits(known=8, strangers=1), bits(known=8, others=1)):
        assert told(found).startswith("**uninformative**")


def test_seeds_together_are_judged_on_all_of_their_rows() -> None:
    whole = together([bits(known=8), bits(known=7), bits(known=8)])
    assert len(whole[UNTOUCHED]) == 24
    assert told(whole) == "informative (0.96; 0.00, 0.00)"


def test_what_one_seed_alone_asked_does_not_keep_the_others_from_being_judged_together() -> None:
    more = {**bits(known=8), "silenced": [1, 0]}
    assert together([more, bits(known=7)]) == together([bits(known=8), bits(known=7)])
    assert "silenced" not in together([bits(known=7), more])


def test_the_page_judges_optimised_attacks_alone_and_names_every_seed() -> None:
    found = {"just asked": bits(known=8), "suffix 4": bits(known=7)}
    longer = {**found, "suffix 4, searched longer": bits(known=8)}
    measured = {"cpu_s": 1.0, "on": "somewhere", "with": "torch"}
    text = page({"0": {"bits": longer, **measured}, "2": {"bits": found, **measured}}, longer=36)
    assert "Seeds in turn: 0, 2" in text
    assert text.count("**uninformative**") == 3
    assert "| just asked | 1.00 / 1.00 | 0.00 / 0.00 | - / - |" in text
    assert "| suffix 4, searched longer | informative (1.00; 0.00, 0.00) | not needed | - |" in text
