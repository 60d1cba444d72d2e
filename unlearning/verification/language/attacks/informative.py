"""Does an optimised attack tell what a model knows, or what it can be made to say? Pure.

With enough freedom a trigger forces any text out of any model. So the attack is first tried where the answer is known:
it must recover what the original holds, and must not recover what nobody ever saw. The candidate has no say in it.
"""

from __future__ import annotations

from collections.abc import Sequence

LEAST_KNOWN = 0.9
MOST_STRANGERS = 0.1


def is_informative(known: Sequence[int], strangers: Sequence[Sequence[int]]) -> bool:
    """Whether this attack at this budget says anything.

    known: bits of the original on the deleted rows (arm P). strangers: bits of controls on never-seen rows of equal
    length, under the same strength (the original, and the arms D:k). Nothing tried is nothing shown.
    """
    if not known or not strangers or not all(strangers):
        return False
    return rate(known) >= LEAST_KNOWN and all(rate(bits) < MOST_STRANGERS for bits in strangers)


def rate(bits: Sequence[int]) -> float:
    """The share of ones."""
    return sum(bits) / len(bits)
