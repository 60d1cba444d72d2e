"""Which relative paths may appear in a manifest or a bundle: those that mean one file, everywhere, inside it."""

from __future__ import annotations

import re

_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]{0,127}", re.ASCII)


class PathError(ValueError):
    """A path that could lead outside, or mean two things on two systems; rename the file."""


def check_path(path: object) -> str:
    """Give back a safe relative path: ASCII parts of letters, digits, `._+-`, none starting with a dot.

    Raises:
        PathError: anything else, '..' and absolute paths among it.
    """
    if isinstance(path, str) and len(path) <= 512 and all(_PART.fullmatch(part) for part in path.split("/")):
        return path
    raise PathError(f"expected a relative path of plain ASCII names, found {path!r:.200}; rename the file")
