"""Is the log's state signed by someone trusted, and is every entry in it?"""

from __future__ import annotations

from evidence import strict_base64
from evidence.canonical import Json, canonical_bytes
from evidence.case import BEFORE, ENTRIES, TREE_HEAD, Case
from evidence.faults import Fault
from evidence.merkle import leaf_hash, verify_consistency, verify_inclusion
from evidence.notes import NoteFormatError, SignatureError, UntrustedKeyError
from evidence.treehead import TreeHead, parse_tree_head, verify_tree_head


def check_log(case: Case) -> None:
    """Tree head, inclusion of every entry, consistency with every older head."""
    head = _read_head(case, case.members[TREE_HEAD], where=TREE_HEAD)
    if head is None:
        return
    case.report.tree_size = head.size
    for line in [*case.documents[ENTRIES], *case.documents.get(BEFORE, [])]:
        _check_inclusion(case, line, head)
    for number, older in enumerate(case.documents.get("log/heads.json", {"heads": []})["heads"]):
        _check_consistency(case, older, head, where=f"log/heads.json $.heads[{number}]")


def _read_head(case: Case, note: bytes, *, where: str) -> TreeHead | None:
    try:
        if case.trust is None:
            return parse_tree_head(note)
        return verify_tree_head(note, trusted=case.trust.tree_head)
    except UntrustedKeyError as error:
        case.fault(Fault.UNTRUSTED_KEY, where, "a signature by a trusted tree-head key", str(error))
    except SignatureError as error:
        case.fault(Fault.TREE_HEAD, where, "a signature that fits", str(error))
    except NoteFormatError as error:
        case.fault(Fault.TREE_HEAD, where, "a tree head", str(error))
        return None
    # Unbelieved, but the other checks can still be made against it.
    try:
        return parse_tree_head(note)
    except NoteFormatError:
        return None


def _check_inclusion(case: Case, line: Json, head: TreeHead) -> None:
    leaf = leaf_hash(canonical_bytes(line["entry"]))
    proof = _steps(line["proof"])
    if proof is None or not verify_inclusion(
        leaf=leaf, index=line["index"], size=head.size, proof=proof, root=head.root
    ):
        seq, event = line["entry"]["seq"], line["entry"]["event"]
        where = f"entry {line['index']} (seq {seq}, {event})"
        case.fault(Fault.INCLUSION, where, f"a leaf of the tree of size {head.size}", f"leaf hash {leaf.hex()}")


def _check_consistency(case: Case, line: Json, head: TreeHead, *, where: str) -> None:
    older = _read_head(case, line["note"].encode("utf-8", "surrogatepass"), where=where)
    proof = _steps(line["proof"])
    if older is None:
        return
    case.expect(Fault.CONSISTENCY, f"{where} origin", head.origin, older.origin)
    if proof is None or not verify_consistency(
        first=older.size, second=head.size, first_root=older.root, second_root=head.root, proof=proof
    ):
        case.fault(Fault.CONSISTENCY, where, f"a prefix of the tree of size {head.size}", f"size {older.size}")


def _steps(proof: list[str]) -> list[bytes] | None:
    try:
        return [strict_base64.decode(step, size=32) for step in proof]
    except strict_base64.Base64Error:
        return None
