"""Why the estimator says no: a refusal with a code that scikit-learn's users also catch as ValueError."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from unlearning.runner.refusals import Refused


class RequestRefused(Refused, ValueError):  # noqa: N818 - the word the whole house uses
    """The call cannot be done as asked and nothing was changed; `code`, `message` and `remedy` say why and what to do.

    No text quotes a record's id or value: messages end up in logs.
    """


@contextmanager
def as_requests_refused() -> Iterator[None]:
    """Give the engine's own refusals the class that scikit-learn's users catch.

    Raises: RequestRefused.
    """
    try:
        yield
    except RequestRefused:
        raise
    except Refused as refusal:
        raise RequestRefused(refusal.code, refusal.message, refusal.remedy) from refusal
