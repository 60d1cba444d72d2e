"""What the log says of the snapshot that was taken without the rows of a specimen."""

from typing import Any

from evidence.canonical import digest
from tests.evidence.specimen import snapshots


def taken() -> dict[str, Any]:
    """The entry snapshot:taken: the object without the rows, and the root in which the absence proofs are made."""
    heads = snapshots()
    found = {"root": heads["new"]["root"], "rows": heads["new"]["size"], "parent": heads["old"]["root"]}
    return {**found, "object": digest(b"the rows that stay")}
