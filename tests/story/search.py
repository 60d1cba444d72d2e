"""Looking for bytes that should be gone: in every file under a folder, and in every row of every table."""

import hashlib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import numpy as np
from django.db import connection
from numpy.typing import NDArray

RUN = 4  # so many neighbouring numbers are a trace: fewer could be chance, more could miss another layout


def needles(rows: NDArray[np.float64], *, name: str) -> dict[str, bytes]:
    """Four neighbouring numbers of each row, in single and double precision and as they would be printed."""
    found: dict[str, bytes] = {}
    for number, row in enumerate(rows):
        for place in (0, len(row) - RUN):
            part = row[place : place + RUN]
            found[f"{name} {number} fp64 at {place}"] = part.astype("<f8").tobytes()
            found[f"{name} {number} fp32 at {place}"] = part.astype("<f4").tobytes()
            found[f"{name} {number} printed at {place}"] = ",".join(repr(float(x)) for x in part).encode()
            found[f"{name} {number} printed with spaces at {place}"] = ", ".join(repr(float(x)) for x in part).encode()
    return found


def files_below(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield str(path.relative_to(folder)), path.read_bytes()


def tables() -> Iterator[tuple[str, bytes]]:
    """A dump of the database as this connection sees it: every table, as COPY writes it in binary and as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        for (name,) in cursor.fetchall():
            with cursor.copy(f'COPY "{name}" TO STDOUT (FORMAT binary)') as copy:
                yield f"table {name}", b"".join(bytes(block) for block in copy)
            with cursor.copy(f'COPY "{name}" TO STDOUT') as copy:
                yield f"table {name} as text", b"".join(bytes(block) for block in copy)


def traces(wanted: dict[str, bytes], *places: Iterator[tuple[str, bytes]]) -> list[str]:
    """Every needle that was found, and where; empty is what one hopes for.

    A database begins as a copy of another, so files of equal bytes are searched once; each is named all the same.
    """
    known: dict[bytes, list[str]] = {}
    found: list[str] = []
    for where, content in chain(*places):
        digest = hashlib.sha256(content).digest()
        if digest not in known:
            known[digest] = [needle for needle, value in wanted.items() if value in content]
        found += [f"{needle} in {where}" for needle in known[digest]]
    return found
