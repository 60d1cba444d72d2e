"""Names outside the house: a prefix and 128 random bits, never sequential."""

import secrets
from functools import partial


def new_ref(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(16)}"


def ref_maker(prefix: str) -> "partial[str]":
    """A default for a model field that migrations can write down."""
    return partial(new_ref, prefix)
