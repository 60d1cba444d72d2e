"""Why a verdict is what it is, and who may read it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """Why. `open` ones follow from counts and from people in no model; the others look at deleted rows: sealed."""

    text: str
    open: bool = False
