"""Contestants of a benchmark go on by turns, piece by piece."""

import pytest

from benchmarks.turns import in_turns


def worker(name, heard, *, pieces=9):
    def work(done):
        for piece in range(pieces):
            heard.append(f"{name}{piece}")
            done()

    return work


def test_they_take_turns_in_changing_order_and_the_first_piece_does_not_count():
    heard = []
    spent = in_turns({"a": worker("a", heard), "b": worker("b", heard)}, pieces=2)
    assert heard[:6] == ["a0", "b0", "b1", "a1", "a2", "b2"]
    assert [len(seconds) for seconds in spent.values()] == [2, 2]


def test_a_turn_costs_what_its_own_thread_did():
    def busy(done):
        while True:
            sum(range(200_000))
            done()

    def idle(done):
        while True:
            done()

    spent = in_turns({"busy": busy, "idle": idle}, pieces=3)
    assert min(spent["busy"]) > max(spent["idle"])


def test_a_fault_of_one_comes_out_and_the_others_end():
    def faulty(done):
        done()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        in_turns({"a": worker("a", []), "b": faulty}, pieces=4)


def test_a_contestant_that_has_too_little_to_do_is_refused():
    with pytest.raises(ValueError, match="give it more"):
        in_turns({"a": worker("a", [], pieces=2)}, pieces=4)
