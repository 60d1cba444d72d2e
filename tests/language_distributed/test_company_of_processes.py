"""Shares of a global batch, without any other process."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from unlearning.language.distributed.company import ALONE, shards


@given(batch=st.lists(st.integers(), max_size=40), world=st.integers(1, 9))
def test_every_row_of_a_batch_falls_to_exactly_one_process(batch: list[int], world: int) -> None:
    parts = list(shards(batch, world=world))
    assert len(parts) == world
    assert sorted(row for part in parts for row in part) == sorted(batch)
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_a_process_alone_has_all_and_weighs_one() -> None:
    assert ALONE.leads
    assert ALONE.mine([3, 1, 2]) == [3, 1, 2]
    assert (ALONE.sum(7), ALONE.share(5), ALONE.share(0), ALONE.agree(0.25)) == (7.0, 1.0, 1.0, 0.25)
