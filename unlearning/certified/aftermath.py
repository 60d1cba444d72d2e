"""What a call that fails leaves behind: nothing, not even in its traceback."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from traceback import clear_frames
from typing import ParamSpec, TypeVar

_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")


def leaves_nothing(method: Callable[_Given, _Made]) -> Callable[_Given, _Made]:
    """Empty the frames of a call that fails.

    A shell keeps the last traceback, and with it every local variable: an iterate that nobody may see, its noise, and
    copies of rows that a later deletion could not reach. The error itself goes on as it was.
    """

    @wraps(method)
    def call(*args: _Given.args, **kwargs: _Given.kwargs) -> _Made:
        handled = sys.exception()  # the caller's own, whose frames are not ours to empty
        try:
            return method(*args, **kwargs)
        except BaseException as error:
            _empty(error, but=handled)
            raise

    return call


def _empty(error: BaseException | None, *, but: BaseException | None) -> None:
    while error is not None and error is not but:
        clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__
