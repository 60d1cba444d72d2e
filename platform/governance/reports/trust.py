"""The two public keys of this installation: what an auditor needs from us, and never together with a bundle.

Only `keys/release.pub` is read here, which the worker exports: the web process never touches the private release key.
"""

from evidence.canonical import Json
from evidence.notes import note_key
from evidence.trust import release_key as parsed
from evidence.trust import trust_document as document
from governance.audit.sequencer import tree_head_key, tree_head_name
from governance.errors import Conflict
from governance.releases.release_key import exported_keys


def trust_document() -> Json:
    """obelus/trust/1: the tree-head key and every release key there has been.

    Raises:
        Conflict: no worker has exported a release key yet.
    """
    keys = exported_keys()
    if not keys:
        raise Conflict(
            "There is no public release key yet.",
            code="release_key_missing",
            remedy="Start a worker, or run manage.py export_trust where the release key lies.",
        )
    head = note_key(name=tree_head_name(), private_key=tree_head_key())
    return document(tree_head=[head], release=[parsed(pem) for pem in keys])
