"""Keyed names of people and records: the database holds no list of identifiers that a guess could be tested on."""

import functools
import hmac
import os
import unicodedata
from pathlib import Path

from django.conf import settings

from governance.env import key_file
from governance.errors import Invalid
from governance.lineage.models import Dataset

LONGEST = 320


def subject_index(identifier: str) -> str:
    """A person's 64 hex digits: HMAC-SHA-256 of the identifier under the key file `index`.

    Unicode form NFC and no blanks at the ends; case is kept, because "a7" and "A7" may be two people.

    Raises:
        Invalid: nothing, or more than 320 characters.
    """
    return keyed("subject", "", plain(identifier))


def record_id(dataset: Dataset, external_id: str) -> str:
    """A record's 32 hex digits in its dataset: the same external id in another dataset gives another.

    Raises:
        Invalid: nothing, or more than 320 characters.
    """
    return keyed("record", dataset.ref, plain(external_id))[:32]


def tidy(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


def plain(identifier: str) -> str:
    text = tidy(identifier)
    if not text or len(text) > LONGEST:
        raise Invalid(
            f"An identifier has 1 to {LONGEST} characters; this one has {len(text)}.",
            code="bad_identifier",
            remedy="Give the identifier under which the data know this person or record.",
        )
    return text


def keyed(kind: str, space: str, text: str) -> str:
    # Lengths before the parts: no two different (kind, space, text) give the same bytes.
    message = b"".join(len(part).to_bytes(4, "big") + part for part in (kind.encode(), space.encode(), text.encode()))
    return hmac.digest(index_key(), message, "sha256").hex()


def index_key() -> bytes:
    """The key file `index`, read again when it is another file: a snapshot asks for it twice for each of its rows."""
    try:
        found = os.stat(settings.KEYS / "index")
    except FileNotFoundError:
        read_key.cache_clear()  # what is made now may get the number, and the time, of the one that went
        return key_file(settings.KEYS, "index")
    return read_key(settings.KEYS, found.st_ino, found.st_mtime_ns)


@functools.lru_cache(maxsize=2)
def read_key(folder: Path, _inode: int, _changed_at: int) -> bytes:
    return key_file(folder, "index")
