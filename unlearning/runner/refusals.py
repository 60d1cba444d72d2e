"""A refusal: the job is understood and must not be done as asked."""

from __future__ import annotations

EXIT_DONE = 0
EXIT_REFUSED = 64
EXIT_CRASHED = 70
EXIT_CANCELLED = 75


class Refused(Exception):  # noqa: N818 - the word the whole house uses
    """The job may not run as asked; trying again unchanged gives the same answer.

    code: a word for machines. message: what was expected and what came. remedy: what to do.
    None of the three may name a person or quote a value of the data.
    """

    def __init__(self, code: str, message: str, remedy: str) -> None:
        self.code = code
        self.message = message
        self.remedy = remedy
        super().__init__(f"{code}: {message} {remedy}")
