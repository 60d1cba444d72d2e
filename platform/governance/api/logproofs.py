"""Proofs from the log, always against a head that was signed."""

from typing import Any

from evidence import strict_base64
from evidence.merkle import TreeRangeError
from governance.audit.models import Leaf, TreeHead
from governance.audit.sequencer import load_tree
from governance.errors import NotFound


def newest_head() -> TreeHead:
    """Raises: NotFound when nothing has been signed yet."""
    head: TreeHead | None = TreeHead.objects.order_by("-size").first()
    if head is None:
        raise NotFound("The log has no signed head yet.", code="log_empty", remedy="Try again in a few seconds.")
    return head


def inclusion(index: int) -> dict[str, Any]:
    """One entry's bytes and the path from it to the newest signed head.

    Raises:
        NotFound: the signed log is not that long.
    """
    head = newest_head()
    leaf = Leaf.objects.select_related("entry").filter(index=index, index__lt=head.size).first()
    if leaf is None:
        raise NotFound(f"The signed log has {head.size} entries, numbered from 0.", code="no_such_entry")
    return {
        "index": index,
        "size": head.size,
        "leaf": strict_base64.encode(bytes(leaf.entry.leaf)),
        "proof": encoded(load_tree().inclusion_proof(index, head.size)),
        "note": head.note,
    }


def consistency(first: int, second: int) -> dict[str, Any]:
    """That the log of size `first` is the beginning of the log of size `second`.

    Raises:
        NotFound: sizes the signed log does not have.
    """
    try:
        if second > newest_head().size:
            raise TreeRangeError(f"expected a size up to {newest_head().size}, found {second}")
        proof = load_tree().consistency_proof(first, second)
    except TreeRangeError as error:
        raise NotFound(f"{str(error).capitalize()}.", code="no_such_size") from error
    return {"first": first, "second": second, "proof": encoded(proof)}


def encoded(hashes: list[bytes]) -> list[str]:
    return [strict_base64.encode(value) for value in hashes]
