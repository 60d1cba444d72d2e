"""The runner must not outlive its parent: end of file on stdin, or SIGTERM, ends it at once.

A thread watches both, because the main thread may be deep inside a matrix product. It reads descriptor 0 with
`os.read`: a buffered `sys.stdin` held by a thread aborts the interpreter at exit.
"""

from __future__ import annotations

import os
import select
import signal
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from unlearning.runner.refusals import EXIT_CANCELLED

STDIN = 0


class Lifeline:
    """Calls `on_cancel(why)` and leaves with exit code 75 when the parent is gone or asks us to stop."""

    def __init__(self, on_cancel: Callable[[str], None]) -> None:
        self._on_cancel = on_cancel
        self._before: list[Callable[[], None]] = []
        self._settling = threading.Lock()
        self._settled_code: int | None = None

    def start(self) -> None:
        """Begin to watch. Call once, from the main thread (signal handlers need it)."""
        wake_r, wake_w = os.pipe()
        os.set_blocking(wake_w, False)
        signal.set_wakeup_fd(wake_w, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _only_wake)
        watched = [wake_r, STDIN] if stdin_is_a_parent() else [wake_r]
        threading.Thread(target=self._watch, args=(watched,), name="lifeline", daemon=True).start()

    def before_cancel(self, act: Callable[[], None]) -> None:
        """Have `act` called first on cancellation, for instance to kill a child."""
        self._before.append(act)

    @contextmanager
    def settle(self, exit_code: int) -> Iterator[None]:
        """While the results are put in place no cancellation may cut in; afterwards there is nothing left to cancel."""
        with self._settling:
            yield
            self._settled_code = exit_code

    def _watch(self, watched: list[int]) -> None:
        while True:
            ready, _, _ = select.select(watched, [], [])
            if STDIN in ready and os.read(STDIN, 1) == b"":
                self._leave("the parent process is gone")
            elif STDIN not in ready:
                self._leave("asked to stop by a signal")

    def _leave(self, why: str) -> None:
        for act in self._before:
            act()
        with self._settling:
            if self._settled_code is not None:
                os._exit(self._settled_code)
            self._on_cancel(why)
            os._exit(EXIT_CANCELLED)


def stdin_is_a_parent() -> bool:
    """Only a pipe or a socket ties us to a parent; a terminal or /dev/null is a person trying a spec by hand."""
    try:
        mode = os.fstat(STDIN).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def _only_wake(_number: int, _frame: FrameType | None) -> None:
    """The wake-up descriptor carries the news; Python needs a handler to exist."""
