"""Long runs that go on by turns, a piece at a time: what the machine does meanwhile hits all of them alike."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping

Done = Callable[[], None]
Contestant = Callable[[Done], object]


class _Enough(Exception):  # noqa: N818 - not an error
    pass


class _Seat:
    """One contestant in a thread of its own, which works only while it is its turn."""

    def __init__(self, contestant: Contestant) -> None:
        self.mine, self.theirs = threading.Semaphore(0), threading.Semaphore(0)
        self.seconds: list[float] = []
        self.left, self.begun = False, 0.0
        self.failed: BaseException | None = None
        self.thread = threading.Thread(target=self._work, args=(contestant,), daemon=True)
        self.thread.start()

    def turn(self) -> None:
        """Let it do one piece."""
        self.mine.release()
        self.theirs.acquire()
        if self.failed is not None:
            raise self.failed

    def leave(self) -> None:
        """Let it end in the middle."""
        self.left = True
        self.mine.release()
        self.thread.join()

    def _work(self, contestant: Contestant) -> None:
        try:
            self._wait()
            contestant(self._done)
            raise ValueError("expected a contestant with work left, it had ended; give it more.")
        except _Enough:
            return
        except BaseException as error:
            self.failed = error
            self.theirs.release()

    def _done(self) -> None:
        self.seconds.append(time.thread_time() - self.begun)
        self.theirs.release()
        self._wait()

    def _wait(self) -> None:
        self.mine.acquire()
        if self.left:
            raise _Enough
        self.begun = time.thread_time()


def in_turns(contestants: Mapping[str, Contestant], *, pieces: int) -> dict[str, list[float]]:
    """CPU seconds of each piece of each contestant's thread, the first piece (with all that comes before it) left out.

    A contestant calls what it is given after every piece and must have at least `pieces` + 1 of them. Everything it
    does has to run in its own thread: one thread for the numeric libraries.
    """
    seats = {name: _Seat(contestant) for name, contestant in contestants.items()}
    try:
        for piece in range(pieces + 1):
            for name in list(seats)[:: -1 if piece % 2 else 1]:
                seats[name].turn()
    finally:
        for seat in seats.values():
            if seat.failed is None:
                seat.leave()
    return {name: seat.seconds[1:] for name, seat in seats.items()}
